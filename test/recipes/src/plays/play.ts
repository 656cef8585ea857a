/**
 * A play: what some processes do with one recipe, and a judge outside of them who says what must never be seen. The same
 * play runs in the simulator, thousands of times, and on real processes.
 */
import { isZooKeeperError, type ZooKeeperClient } from '@menagerie/zookeeper-client';

/** What an actor may ask of chance. */
export interface Dice {
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  /** Mostly short, sometimes many times the mean; in milliseconds. */
  delay(meanMs: number): number;
}

export type Details = Readonly<Record<string, string | number | boolean>>;

/** What an actor is given. */
export interface Stage {
  /** `actor-1`, ... */
  readonly name: string;
  /** From 0. */
  readonly index: number;
  readonly actors: number;
  readonly zk: ZooKeeperClient;
  readonly dice: Dice;
  /** Where the play happens in the tree. */
  readonly path: string;
  sleep(ms: number): Promise<void>;
  /** Tells the judge; the answer says whether what was told is accepted. In the simulator the judge hears it at once. */
  tell(what: string, details?: Details): Promise<boolean>;
}

export interface Judge {
  /** @throws Error what must not be, with the rule's name first */
  hear(actor: string, what: string, details: Details): boolean;
  /** The trouble is over and every actor has ended. `zk` is a client that saw none of it. @throws Error as above */
  conclude(zk: ZooKeeperClient, path: string): Promise<void>;
}

export interface JudgeOptions {
  /**
   * Clocks run alike and nobody is paused: then not even belief may overlap. Where processes are stopped and go on, what
   * counts is that the late one's writes are refused.
   */
  readonly strict: boolean;
  /** Asks again until it is so. @throws Error */
  readonly until: (what: string, isTrue: () => Promise<boolean>) => Promise<void>;
}

export interface Play {
  readonly name: string;
  readonly actors: number;
  /** Everything an actor has is given back when this resolves. */
  act(stage: Stage): Promise<void>;
  judge(options: JudgeOptions): Judge;
}

export class Broken extends Error {
  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.name = 'Broken';
  }
}

/** Nothing of a contender is left, while the sessions of all are still alive. */
export async function nobodyLeft(zk: ZooKeeperClient, directory: string, until: JudgeOptions['until']): Promise<void> {
  let left: readonly string[] = ['nobody knows what'];
  const isEmpty = async () => {
    try {
      await zk.sync(directory);
      const stat = await zk.exists(directory);
      left = stat === null ? [] : (await zk.getChildren(directory)).children;
      return left.length === 0;
    } catch (error) {
      // The observer's session has had its share of the trouble.
      if (isZooKeeperError(error) && error.retryable) return false;
      throw error;
    }
  };
  try {
    await until('an empty line', isEmpty);
  } catch (error) {
    throw new Broken('no orphan', `${directory} still has ${left.join(', ')} (${(error as Error).message})`);
  }
}
