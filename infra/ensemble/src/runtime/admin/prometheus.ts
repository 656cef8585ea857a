/**
 * The numbers of `monitor` in Prometheus' text format, under the names and with the quantiles of Apache's
 * PrometheusMetricsProvider.java.
 */
import type { Level, Metric } from './monitor.js';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const QUANTILES: Readonly<Record<Level, readonly number[]>> = { basic: [0.5], advanced: [0.5, 0.9, 0.99] };

export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(lines).join('');
}

function lines(metric: Metric): string {
  const { kind, name } = metric;
  if (kind === 'text') return '';
  const head = `# HELP ${name} ${name}\n# TYPE ${name} ${kind}\n`;
  if (kind !== 'summary') return `${head}${name} ${metric.value}\n`;
  const { value, level } = metric;
  const quantiles = QUANTILES[level].map((part) => `${name}{quantile="${part}"} ${value.quantile(part)}\n`);
  return `${head}${quantiles.join('')}${name}_count ${value.count}\n${name}_sum ${value.sum}\n`;
}
