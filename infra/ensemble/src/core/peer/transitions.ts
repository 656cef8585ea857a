/**
 * Which role may follow which.
 *
 *   starting --> standalone
 *   starting --> looking --> leading | following | observing --> looking
 *   anything --> halted
 */
import assert from 'node:assert';
import type { PeerState } from '../contract/index.js';

export type Mode = 'starting' | 'halted' | PeerState;

const LEGAL: Readonly<Record<Mode, readonly Mode[]>> = {
  starting: ['standalone', 'looking'],
  standalone: [],
  looking: ['leading', 'following', 'observing'],
  leading: ['looking'],
  following: ['looking'],
  observing: ['looking'],
  halted: [],
};

export function checkTransition(from: Mode, to: Mode): void {
  if (to === 'halted' || LEGAL[from].includes(to)) return;
  assert.fail(`expected one of ${LEGAL[from].join(', ') || 'no state'} after ${from}, got ${to}`);
}
