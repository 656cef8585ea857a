/** What Prometheus may ask of it. In the process's own registry when it has one, else in prom-client's default one. */
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Counter, Gauge, register, type Registry } from 'prom-client';
import { ZOOKEEPER_CLIENT } from './constants.js';
import { HOST_PROCESS, type HostProcess } from './host-process.js';

@Injectable()
export class ZooKeeperMetrics {
  readonly leader: Gauge<'election'>;
  readonly ticks: Counter<'job' | 'outcome'>;

  constructor(@Inject(ZOOKEEPER_CLIENT) client: ZooKeeperClient, @Optional() @Inject(HOST_PROCESS) host?: HostProcess) {
    const registers = [host?.metrics ?? register];
    const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
      take(registers[0] as Registry, name, () => new Gauge({ name, help, labelNames, registers }));
    const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
      take(registers[0] as Registry, name, () => new Counter({ name, help, labelNames, registers }));
    const connected = gauge('zookeeper_session_connected', '1 while a server has confirmed the session');
    const sessions = counter('zookeeper_sessions_total', 'Sessions this process has had');
    const lost = counter('zookeeper_sessions_lost_total', 'Sessions that ended without being closed');
    this.leader = gauge('zookeeper_leader', '1 while this process leads the election', ['election']);
    this.ticks = counter('zookeeper_cron_ticks_total', 'Ticks that ran here', ['job', 'outcome']);
    connected.set(client.state === 'connected' ? 1 : 0);
    if (client.session) sessions.inc();
    client.on('state', ({ state }) => {
      connected.set(state === 'connected' ? 1 : 0);
      if (state === 'lost') lost.inc();
    });
    client.on('session', ({ previousId }) => void (previousId !== null && sessions.inc()));
  }
}

/** Several applications in one process share what is there already. */
function take<M>(registry: Registry, name: string, make: () => M): M {
  return (registry.getSingleMetric(name) as M | undefined) ?? make();
}
