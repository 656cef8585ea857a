/** The numbers of `monitor` in Prometheus' text format, under the names of Apache's PrometheusMetricsProvider. */
import type { Metric } from './monitor.js';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(lines).join('');
}

function lines(metric: Metric): string {
  const { name } = metric;
  switch (metric.kind) {
    case 'text':
      return '';
    case 'gauge':
    case 'counter':
      return `# TYPE ${name} ${metric.kind}\n${name} ${metric.value}\n`;
    case 'summary':
      return `# TYPE ${name} summary\n${name}_count ${metric.value.count}\n${name}_sum ${metric.value.sum}\n`;
  }
}
