/** Limits on what may be below a node. Source: ZooKeeperServer.checkQuota. */
import type { PreparationTools } from './preparation.js';

/**
 * A hard limit stops, a soft one only has the operator told. Compared is what is committed, so that many writes in
 * flight may pass a limit together.
 */
export function exceedsQuota(tools: PreparationTools, path: string, addedBytes: number, addedCount: number): boolean {
  if (!tools.enforceQuota) return false;
  const { quotas } = tools.tree;
  const subject = quotas.limitedAbove(path);
  if (subject === null) return false;
  const limits = quotas.limits(subject);
  const usage = quotas.usage(subject);
  if (limits === null || usage === null) return false;
  return (
    passes(tools, subject, 'nodes', addedCount, usage.count, limits.count, limits.countHardLimit) ||
    passes(tools, subject, 'bytes', addedBytes, usage.bytes, limits.bytes, limits.byteHardLimit)
  );
}

function passes(
  tools: PreparationTools,
  subject: string,
  what: string,
  added: number,
  used: number,
  softLimit: number,
  hardLimit: number,
): boolean {
  const isHard = hardLimit > -1;
  const limit = isHard ? hardLimit : softLimit;
  if (added === 0 || limit <= -1 || used + added <= limit) return false;
  tools.quotaPassed({ subject, what, used: used + added, limit, isHard });
  return isHard;
}
