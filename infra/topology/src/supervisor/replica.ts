/** One supervised replica: carries out what `replica-machine.ts` decides. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ProcessPlan } from '../declare/plan.js';
import { probe } from '../probe/probe.js';
import { layout } from '../registry/layout.js';
import { identify } from '../registry/process-identity.js';
import type { Registry } from '../registry/registry.js';
import { BoundedLog } from './bounded-log.js';
import { LineSplitter } from './line-splitter.js';
import { firstState, type ReplicaEffect, type ReplicaInput, type ReplicaState, step } from './replica-machine.js';
import { type Child, marksPackets, spawnProcess } from './spawn-process.js';

export interface ReplicaOptions {
  readonly plan: ProcessPlan;
  readonly root: string;
  readonly dataRoot: string;
  readonly registry: Registry;
  /** After so long a stop turns into a kill. */
  readonly stopDeadlineMs: number;
  /** One event of this replica, for whoever watches the supervisor. */
  readonly onEvent: (text: string) => void;
  /** One line that the process printed. */
  readonly onLine: (line: string) => void;
  /** After every change of state. */
  readonly onChange: (state: ReplicaState) => void;
}

/** How often a held replica looks whether it is released. */
const RELEASE_POLL_MS = 200;
const HEALTH_POLL_MS = 250;
const LAST_WORDS_MS = 500;
/** What the last line of a refusal is cut to. */
const MAX_SHOWN_CHARS = 500;

export class Replica {
  #state: ReplicaState = firstState;
  #child: Child | undefined;
  #starts = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastLine = '';
  readonly #log: BoundedLog;
  readonly #poll: NodeJS.Timeout;

  constructor(private readonly options: ReplicaOptions) {
    this.#log = new BoundedLog(layout.log(options.dataRoot, options.plan.id));
    this.#poll = setInterval(() => {
      if (this.#state.phase === 'held' && !this.#isHeld()) this.input({ kind: 'release' });
    }, RELEASE_POLL_MS);
  }

  get state(): ReplicaState {
    return this.#state;
  }

  /** The last thing the process said; of a refusal, the reason. */
  get lastLine(): string {
    return this.#lastLine;
  }

  input(input: ReplicaInput): void {
    const { state, effects } = step(this.#state, input, performance.now());
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.options.onChange(this.#state);
  }

  /** Frees timer and file. Only after the process has ended. */
  dispose(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    this.#log.close();
  }

  #carryOut(effect: ReplicaEffect): void {
    switch (effect.kind) {
      case 'spawn':
        return this.#spawn();
      case 'wake':
        return this.#wake(effect.afterMs, () => this.input({ kind: 'due', held: this.#isHeld() }));
      case 'terminate':
        this.#child?.kill('SIGTERM');
        // A paused process does not see SIGTERM until it goes on.
        this.#child?.kill('SIGCONT');
        return this.#wake(this.options.stopDeadlineMs, () => this.input({ kind: 'stop-deadline' }));
      case 'kill':
        return void this.#child?.kill('SIGKILL');
      case 'report':
        return this.options.onEvent(effect.text);
    }
  }

  #spawn(): void {
    const { plan, root, registry } = this.options;
    const child = spawnProcess(plan, root);
    this.#child = child;
    const started = this.#starts++;
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity !== undefined) {
      registry.recordProcess(plan, identity, started, marksPackets() ? plan.gid : undefined);
      this.options.onEvent(`started, process ${identity.pid}`);
    }
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new LineSplitter((line) => this.#line(line));
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => lines.push(text));
      stream.on('end', () => lines.end());
    }
    child.on('error', (error) => {
      // Without setpriv nothing can be started at all; `exit` is not emitted then.
      this.#line(`cannot be started: ${error.message}`);
      if (child.pid === undefined) this.input({ kind: 'exited', code: 2, signal: null, held: false });
    });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.once('exit', (code, signal) => {
      // Its last words are in the pipe. A grandchild may keep the pipe open: that is not waited for.
      void Promise.race([closed, sleep(LAST_WORDS_MS)]).then(() => {
        if (this.#state.phase === 'stopping') killGroup(child);
        this.input({ kind: 'exited', code, signal, held: this.#isHeld() });
      });
    });
    void this.#watchHealth(child);
  }

  async #watchHealth(child: Child): Promise<void> {
    const since = performance.now();
    while (this.#child === child && child.exitCode === null && child.signalCode === null) {
      if ((await probe(this.options.plan)).healthy) {
        this.options.onEvent(`healthy after ${((performance.now() - since) / 1000).toFixed(1)} s`);
        return this.input({ kind: 'healthy' });
      }
      await sleep(HEALTH_POLL_MS, undefined, { ref: false });
    }
  }

  #line(line: string): void {
    this.#log.write(line);
    this.#lastLine = line.slice(0, MAX_SHOWN_CHARS);
    this.options.onLine(line);
  }

  #wake(afterMs: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, afterMs);
  }

  #isHeld(): boolean {
    return existsSync(layout.down(this.options.dataRoot, this.options.plan.id));
  }
}

/** Kills what a process that was stopped has left behind in its group. */
function killGroup(child: Child): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
