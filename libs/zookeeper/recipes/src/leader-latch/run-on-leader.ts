/** Does something here only if this process leads, and stops it when it no longer does. */
import type { Leadership, LeaderLatch } from './leader-latch.js';

export type LeaderRun<T> = { readonly ran: true; readonly value: T } | { readonly ran: false };

/**
 * Runs `work` if this process leads right now. The work gets the fencing token and a signal that fires when leadership
 * ends or becomes unsure; it should stop then, and what it writes should carry the token.
 * @returns whether it ran, and its result.
 */
export async function runOnLeader<T>(
  latch: LeaderLatch,
  work: (leadership: Leadership) => Promise<T> | T,
): Promise<LeaderRun<T>> {
  const { leadership } = latch;
  if (leadership === null) return { ran: false };
  return { ran: true, value: await work(leadership) };
}
