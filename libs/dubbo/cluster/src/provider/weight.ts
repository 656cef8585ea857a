/** How much of the traffic a provider is given. Source: `AbstractLoadBalance.java` (`getWeight`). */
import type { DubboUrl } from '@menagerie/dubbo-url';

export const DEFAULT_WEIGHT = 100;
export const DEFAULT_WARMUP_MS = 600_000;

/** Grows with uptime, from 1 to the whole weight. */
export function warmupWeight(uptimeMs: number, warmupMs: number, weight: number): number {
  return Math.max(1, Math.min(weight, Math.floor(uptimeMs / (warmupMs / weight))));
}

/**
 * The weight now; 0 means no traffic. The provider's clock says when it was started and ours how long that is ago, so a
 * provider from the future (its clock is ahead) counts as started just now.
 */
export function weightOf(url: DubboUrl, method: string, nowMs: number): number {
  const said = Number(url.forMethod(method, 'weight') ?? DEFAULT_WEIGHT);
  const weight = Number.isInteger(said) ? said : DEFAULT_WEIGHT;
  if (weight <= 0) return 0;
  const startedAtMs = url.number('timestamp', 0);
  if (startedAtMs <= 0) return weight;
  const uptimeMs = nowMs - startedAtMs;
  if (uptimeMs < 0) return 1;
  const warmupMs = url.number('warmup', DEFAULT_WARMUP_MS);
  return uptimeMs > 0 && uptimeMs < warmupMs ? warmupWeight(uptimeMs, warmupMs, weight) : weight;
}
