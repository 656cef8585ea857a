/** What a demo is: something that is broken on purpose, and claims about what happens then, checked on the data. */
import type { Chaos } from '@menagerie/chaos';
import type { Plan } from '@menagerie/topology';
import type { YarnClient } from '@menagerie/yarn-client';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';

import type { PlatformStatus } from '../status/model.js';

/** What every demo has. */
export interface DemoStage {
  /** Fires when the user gives up. Whatever waits must end then. */
  readonly signal: AbortSignal;
  /** Puts a moment on the time line. */
  mark(text: string): void;
  /**
   * States whether a claim held, and by which evidence.
   * @param evidence what was read, so that a reader can judge; printed in both cases
   */
  verify(claim: string, held: boolean, evidence: string): void;
}

/** What a demo on the running system has as well. */
export interface DemoContext extends DemoStage {
  /** Root of the repository. */
  readonly root: string;
  readonly plan: Plan;
  readonly chaos: Chaos;
  /** A session of the demo's own, for looking at znodes. */
  readonly zk: ZooKeeperClient;
  readonly yarn: YarnClient;
  status(): Promise<PlatformStatus>;
}

export interface DemoTitle {
  readonly name: string;
  /** One line, for the list. */
  readonly title: string;
  /** What it promises, before it has run. */
  readonly promises: readonly string[];
}

export interface Demo extends DemoTitle {
  /** True when it breaks the ensemble itself, which it must not do to a foreign one. */
  readonly breaksEnsemble: boolean;
  /** Leaves mending to the runner, which takes back every fault. Throws when it cannot even get to its claims. */
  run(context: DemoContext): Promise<void>;
}

/** One that brings all it needs: the running system, if there is one, is not touched. */
export interface DemoOfItsOwn extends DemoTitle {
  readonly standsAlone: true;
  /** Leaves no process and no file behind, whatever happens. Throws when it cannot even get to its claims. */
  run(stage: DemoStage): Promise<void>;
}
