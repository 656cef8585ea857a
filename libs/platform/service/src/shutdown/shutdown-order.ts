/** The order in which a service takes leave, so that nobody depends on the order in which Nest destroys modules. */
import { Injectable } from '@nestjs/common';

import { ServiceError } from '../errors.js';

/**
 * `leave`: HTTP still answers (health says shutting_down). Give up roles, tell others, take no new work.
 * `drain`: HTTP is closed. Finish or persist what is under way.
 * `close`: nothing needs them any more. Sessions, sockets, files.
 */
export const StopPhase = { leave: 'leave', drain: 'drain', close: 'close' } as const;
export type StopPhase = (typeof StopPhase)[keyof typeof StopPhase];

interface StopHook {
  readonly phase: StopPhase;
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

export interface StopFailure {
  readonly name: string;
  readonly error: unknown;
}

const MAX_HOOKS = 200;

@Injectable()
export class ShutdownOrder {
  readonly #hooks: StopHook[] = [];
  readonly #failures: StopFailure[] = [];
  #running: string | undefined;

  /** Registers `run` for `phase`. Within a phase the last registered runs first, one at a time. */
  add(phase: StopPhase, name: string, run: () => Promise<void> | void): void {
    if (this.#hooks.length >= MAX_HOOKS) {
      throw new ServiceError(`expected at most ${MAX_HOOKS} stop hooks, got another: ${name}`, {
        code: 'SERVICE_STOP_HOOKS',
      });
    }
    this.#hooks.push({ phase, name, run });
  }

  /** Runs the hooks of one phase. One that fails is kept in `failures` and does not keep the others from running. */
  async run(phase: StopPhase): Promise<void> {
    for (const hook of this.#hooks.filter((candidate) => candidate.phase === phase).reverse()) {
      this.#running = `${phase} of ${hook.name}`;
      try {
        await hook.run();
      } catch (error) {
        this.#failures.push({ name: this.#running, error });
      }
      this.#running = undefined;
    }
  }

  /** The hook that runs now, if any. */
  get running(): string | undefined {
    return this.#running;
  }

  get failures(): readonly StopFailure[] {
    return this.#failures;
  }
}
