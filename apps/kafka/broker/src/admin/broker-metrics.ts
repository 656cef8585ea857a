/** What `/metrics` says of a broker besides what every process says. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface BrokerGauges {
  readonly partitions: () => number;
  readonly leaders: () => number;
  readonly underReplicated: () => number;
  readonly connections: () => number;
  readonly activeController: () => boolean;
}

export class BrokerMetrics {
  private readonly bytesIn: Counter;
  private readonly bytesOut: Counter;
  private readonly requests: Histogram<'api'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.bytesIn = new Counter({
      name: 'kafka_bytes_in_total',
      help: 'Record bytes that producers brought',
      registers,
    });
    this.bytesOut = new Counter({ name: 'kafka_bytes_out_total', help: 'Record bytes that fetches took', registers });
    this.requests = new Histogram({
      name: 'kafka_request_seconds',
      help: 'From a request read to its answer ready, waits included',
      labelNames: ['api'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
  }

  observe(gauges: BrokerGauges): void {
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(read());
        },
      });
    gauge('kafka_partitions', 'Partitions with a replica here', gauges.partitions);
    gauge('kafka_leaders', 'Partitions led from here', gauges.leaders);
    gauge('kafka_under_replicated_partitions', 'Led from here with an ISR that is not full', gauges.underReplicated);
    gauge('kafka_connections', 'Open client connections', gauges.connections);
    gauge('kafka_active_controller', '1 if this broker is the controller', () => (gauges.activeController() ? 1 : 0));
  }

  produced(bytes: number): void {
    this.bytesIn.inc(bytes);
  }

  fetched(bytes: number): void {
    if (bytes > 0) this.bytesOut.inc(bytes);
  }

  answered(api: string, tookMs: number): void {
    this.requests.observe({ api }, tookMs / 1000);
  }
}
