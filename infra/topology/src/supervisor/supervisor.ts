/** Runs the replicas of one group until it is told to stop: what a `serve` target is. */
import { existsSync, rmSync } from 'node:fs';

import type { GroupPlan, Plan } from '../declare/plan.js';
import { findGroup } from '../declare/plan.js';
import { RefusedError, TopologyError } from '../errors.js';
import { probeGroup, waitFor } from '../probe/wait-for.js';
import { layout } from '../registry/layout.js';
import { identify, isAlive, signalProcess } from '../registry/process-identity.js';
import { Registry } from '../registry/registry.js';
import { Replica } from './replica.js';

export interface SupervisorOptions {
  readonly plan: Plan;
  readonly group: string;
  /** Root of the repository. */
  readonly root: string;
  /** One line for whoever watches. */
  readonly print: (line: string) => void;
  /** Also print, prefixed, what the processes print. It is in `.data/logs` in any case. */
  readonly verbose: boolean;
  /** How long to wait for the groups that this one needs. */
  readonly waitMs: number;
  /** How long a process may take to stop before it is killed. */
  readonly stopDeadlineMs?: number;
}

/** A service takes up to 10 s for a graceful stop; what has not ended by then will not. */
const STOP_DEADLINE_MS = 12_000;

/** A killed process is gone within moments, unless the machine is in trouble. */
const LEFTOVER_DEADLINE_MS = 5_000;

export class Supervisor {
  readonly #group: GroupPlan;
  readonly #registry: Registry;
  readonly #stopping = new AbortController();

  constructor(private readonly options: SupervisorOptions) {
    this.#group = findGroup(options.plan, options.group);
    this.#registry = new Registry(options.plan.settings.dataRoot);
  }

  /** Stops everything; `run` then returns. Idempotent. */
  stop(): void {
    this.#stopping.abort();
  }

  /**
   * Returns after a stop, once no process is left.
   * @throws AlreadyRunningError, WaitDeadlineError for a group that does not come, RefusedError for a process that
   *   does not take its configuration
   */
  async run(): Promise<void> {
    const { plan, print } = this.options;
    const { dataRoot } = plan.settings;
    const self = identify(process.pid);
    if (self === undefined) throw new TopologyError('TOPOLOGY_NO_PROC', 'expected /proc to be mounted, found none');
    this.#registry.claimGroup(this.#group.name, self);
    try {
      this.#registry.recordSettings(plan.settings);
      await this.#endLeftovers();
      for (const { id } of this.#group.processes) rmSync(layout.down(dataRoot, id), { force: true });
      if (this.#group.external) print(`${this.#group.name}: ${plan.zkConnect} is used, nothing to run`);
      await this.#waitForOthers();
      if (!this.#stopping.signal.aborted) await this.#runReplicas();
    } finally {
      this.#registry.forgetSupervisor(this.#group.name);
    }
  }

  async #waitForOthers(): Promise<void> {
    const { plan, waitMs, print } = this.options;
    for (const name of this.#group.waitsFor) {
      const needed = findGroup(plan, name);
      if (!(await probeGroup(plan, needed)).healthy) print(`${this.#group.name}: waits for ${name}`);
      try {
        const options = { timeoutMs: waitMs, signal: this.#stopping.signal };
        await waitFor(`${this.#group.name} waits for ${name}`, () => probeGroup(plan, needed), options);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        throw error;
      }
    }
  }

  /** A supervisor that was killed together with the power to kill its children leaves them to us. */
  async #endLeftovers(): Promise<void> {
    for (const { id } of this.#group.processes) {
      const record = this.#registry.process(id);
      if (record === undefined) continue;
      if (signalProcess(record, 'SIGKILL'))
        this.options.print(`${id}: process ${record.pid} of an earlier start killed`);
      const gone = async () =>
        isAlive(record) ? { healthy: false as const, reason: 'it lives' } : { healthy: true as const };
      await waitFor(`${id}: end of process ${record.pid}`, gone, { timeoutMs: LEFTOVER_DEADLINE_MS, everyMs: 20 });
      this.#registry.forgetProcess(id);
    }
  }

  async #runReplicas(): Promise<void> {
    const { plan, root, print, verbose } = this.options;
    const { dataRoot } = plan.settings;
    const replicas: Replica[] = [];
    let refused: RefusedError | undefined;
    const over = new Promise<void>((resolve) => {
      const onChange = () => {
        for (const [index, replica] of replicas.entries()) {
          if (replica.state.phase !== 'refused' || refused !== undefined) continue;
          refused = new RefusedError(this.#group.processes[index]?.id ?? '', replica.lastLine);
          this.stop();
        }
        const stopped = replicas.every(({ state }) => state.phase === 'stopped' || state.phase === 'refused');
        if (this.#stopping.signal.aborted && stopped) resolve();
      };
      for (const process of this.#group.processes) {
        const { id } = process;
        const onEvent = (text: string) => print(`${id}: ${text}`);
        const onLine = (line: string) => (verbose ? print(`[${id}] ${line}`) : undefined);
        replicas.push(
          new Replica({
            plan: process,
            root,
            dataRoot,
            registry: this.#registry,
            stopDeadlineMs: this.options.stopDeadlineMs ?? STOP_DEADLINE_MS,
            onEvent,
            onLine,
            onChange,
          }),
        );
      }
      this.#stopping.signal.addEventListener('abort', () => {
        for (const replica of replicas) replica.input({ kind: 'stop' });
        onChange();
      });
    });
    for (const replica of replicas) replica.input({ kind: 'start' });
    await over;
    for (const [index, { id }] of this.#group.processes.entries()) {
      replicas[index]?.dispose();
      this.#registry.forgetProcess(id);
      // What chaos holds down is over with the system that it was done to.
      if (existsSync(layout.down(dataRoot, id))) rmSync(layout.down(dataRoot, id), { force: true });
    }
    if (refused !== undefined) throw refused;
  }
}
