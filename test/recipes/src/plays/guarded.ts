/** What a lock guards: something that notices two holders at a time, and refuses a token older than one it has seen. */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { isRecipeError, type WaitOptions } from '@menagerie/zookeeper-recipes';
import { Broken, nobodyLeft, type Details, type Judge, type JudgeOptions, type Stage } from './play.js';

export interface GuardedOptions {
  readonly capacity: number;
  /** Tokens grow from one grant to the next: so where grants are given in the order of the line. */
  readonly ordered: boolean;
  /** Directories below the path that must be empty in the end. */
  readonly directories: readonly string[];
}

export class GuardedJudge implements Judge {
  /** Token by actor, of those who believe that they hold. */
  private readonly inside = new Map<string, { readonly token: bigint; readonly shared: boolean }>();
  private highest = 0n;
  private readonly ownerOf = new Map<bigint, string>();
  grants = 0;

  constructor(
    private readonly options: JudgeOptions,
    private readonly guarded: GuardedOptions,
  ) {}

  hear(actor: string, what: string, details: Details): boolean {
    const token = BigInt(details.token ?? 0);
    const shared = details.shared === true;
    if (what === 'enter') return this.enter(actor, token, shared);
    if (what === 'leave') return this.inside.delete(actor);
    if (what === 'write') return this.write(actor, token);
    throw new Error(`the judge does not know "${what}"`);
  }

  async conclude(zk: ZooKeeperClient, path: string): Promise<void> {
    if (this.grants === 0) throw new Broken('liveness', 'nobody was ever granted anything');
    for (const directory of this.guarded.directories) {
      await nobodyLeft(zk, directory === '' ? path : `${path}/${directory}`, this.options.until);
    }
  }

  private enter(actor: string, token: bigint, shared: boolean): boolean {
    const { strict } = this.options;
    const { capacity, ordered } = this.guarded;
    const others = [...this.inside].filter(([name]) => name !== actor);
    const excluded = shared ? others.filter(([, other]) => !other.shared) : others;
    const room = shared ? 1 : capacity;
    if (strict && excluded.length >= room) {
      const who = excluded.map(([name, other]) => `${name} with ${other.token}`).join(', ');
      throw new Broken('mutual exclusion', `${actor} enters with ${token} beside ${who}`);
    }
    const owner = this.ownerOf.get(token);
    if (owner !== undefined) throw new Broken('a token is granted once', `${token} to ${owner} and to ${actor}`);
    const newest = [...this.ownerOf.keys()].reduce((most, one) => (one > most ? one : most), 0n);
    if (strict && ordered && token < newest) throw new Broken('tokens grow', `${token} granted after ${newest}`);
    this.ownerOf.set(token, actor);
    this.inside.set(actor, { token, shared });
    this.grants += 1;
    return true;
  }

  /** What any guarded thing can do by itself. */
  private write(actor: string, token: bigint): boolean {
    if (this.ownerOf.get(token) !== actor) throw new Broken('fencing', `${actor} writes with ${token}, not its own`);
    if (token < this.highest) return false;
    this.highest = token;
    return true;
  }
}

export interface Held {
  readonly fencingToken: bigint;
  readonly signal: AbortSignal;
}

/** Sometimes the wait is limited, sometimes given up: both must leave nothing behind. */
export function someWait({ dice }: Stage): WaitOptions {
  if (dice.chance(0.6)) return {};
  if (dice.chance(0.5)) return { timeoutMs: 1 + Math.floor(dice.delay(300)) };
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 1 + Math.floor(dice.delay(300)));
  return { signal: abort.signal };
}

/** Runs until granted or given up; `null` when given up. */
export async function unlessGivenUp<T>(granted: Promise<T>): Promise<T | null> {
  try {
    return await granted;
  } catch (error) {
    if (isRecipeError(error, 'RECIPE_TIMEOUT') || isRecipeError(error, 'RECIPE_ABORTED')) return null;
    throw error;
  }
}

/**
 * Is inside for a while and writes. Believes to be inside exactly until its signal fires; a write that is under way then
 * arrives all the same, and is refused if somebody else was there first.
 */
export async function useGuarded(stage: Stage, grant: Held, shared = false): Promise<void> {
  const token = String(grant.fencingToken);
  if (grant.signal.aborted) return;
  const left = new Promise<void>((resolve) => {
    grant.signal.addEventListener('abort', () => void stage.tell('leave', { token }).then(() => resolve()), {
      once: true,
    });
  });
  void left;
  await stage.tell('enter', { token, shared });
  for (let writes = 0; writes < 2 && !grant.signal.aborted; writes += 1) {
    await stage.sleep(stage.dice.delay(20));
    await stage.tell('write', { token });
  }
  await stage.sleep(stage.dice.delay(20));
}

/** Gives back. That it was lost is no surprise here. */
export async function release(grant: { release(): Promise<void> }): Promise<void> {
  try {
    await grant.release();
  } catch (error) {
    if (!isRecipeError(error, 'RECIPE_GRANT_LOST')) throw error;
  }
}
