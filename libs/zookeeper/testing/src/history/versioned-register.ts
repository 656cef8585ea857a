/** A node's data as an object for `linearize`: writes with and without a version, and what they are answered with. */
import type { Model } from './linearizable.js';

export interface RegisterInput {
  /** The version it depends on; -1: any. */
  readonly expected: number;
}

/** The version it made, or that it was refused for the version there is. */
export type RegisterOutput = { readonly version: number } | 'BadVersion';

/** @param version of the node before the first operation */
export function versionedRegister(version: number): Model<number, RegisterInput, RegisterOutput> {
  return {
    initial: version,
    step: (state, { expected }, output) => {
      const done = expected === -1 || expected === state;
      if (output === undefined) return done ? state + 1 : state;
      if (output === 'BadVersion') return done ? null : state;
      return done && output.version === state + 1 ? state + 1 : null;
    },
    key: String,
  };
}
