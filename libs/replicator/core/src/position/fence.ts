/** Whether a core may still write `lastCommit`, and what a refusal of its version means. */
import type { LastCommit } from '../layout/payloads.js';

export const formatFence = (fence: bigint): string => `0x${BigInt.asUintN(64, fence).toString(16)}`;
export const parseFence = (text: string): bigint => BigInt(text);

/** The node holds no fence, an older one or our own: it is ours to write. A later one means that we are the zombie. */
export function mayWrite(own: bigint, found: LastCommit | null): boolean {
  return found === null || parseFence(found.fence) <= own;
}
