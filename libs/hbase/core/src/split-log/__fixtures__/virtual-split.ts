/** Manager and workers on one tree in memory, in virtual time, under a seed: workers die, stand still and fail. */
import { type SplitLogTask, SplitState } from '../../layout/payload.js';
import { type ManagerEffect, type ManagerInput, SplitLogManager } from '../split-log-manager.js';
import { SplitLogWorker, type WorkerEffect, type WorkerInput } from '../split-log-worker.js';

interface Node {
  version: number;
  content: SplitLogTask;
}
interface Worker {
  readonly server: string;
  readonly machine: SplitLogWorker;
  /** Stands still until then, and finds afterwards what came meanwhile. */
  pausedUntil: number;
  readonly inbox: WorkerInput[];
}
const LOGS = 6;
const STEP_MS = 1_000;
/** Longer than the time after which a silent owner is taken for stuck: those that work give signs of life. */
const LONGEST_SPLIT_MS = 150_000;
/** Faults end here; then all has to finish. */
const CALM_AT = 900_000;
const END_AT = 6_000_000;

export class VirtualSplit {
  readonly problems: string[] = [];
  batchesDone = 0;
  batchesSubmitted = 0;
  private nowMs = 0;
  private readonly nodes = new Map<string, Node>();
  private readonly split = new Map<string, number>();
  private manager = new SplitLogManager();
  private workers: Worker[];
  private masters = 1;
  private readonly queue: (() => void)[] = [];
  private readonly running: { readonly worker: Worker; readonly task: string; readonly endsAtMs: number }[] = [];
  private readonly batches = new Map<string, readonly string[]>();

  constructor(private state: number) {
    this.workers = ['a', 'b', 'c'].map((name) => this.worker(`${name},16020,1`));
  }

  /** mulberry32 */
  private readonly random = (): number => {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };

  private worker(server: string): Worker {
    return { server, machine: new SplitLogWorker(this.random), pausedUntil: 0, inbox: [] };
  }

  run(): void {
    this.submit('first');
    while (this.nowMs < END_AT && (this.nowMs < CALM_AT || this.batches.size > 0)) {
      this.nowMs += STEP_MS;
      if (this.nowMs < CALM_AT) this.fault();
      this.tell({ kind: 'tick' });
      for (const worker of this.workers) this.turn(worker, { kind: 'tick' });
      this.endSplits();
      this.list();
      // Answers come in any order.
      while (this.queue.length > 0) this.queue.splice(Math.floor(this.random() * this.queue.length), 1)[0]!();
    }
  }

  private submit(id: string): void {
    const tasks = Array.from({ length: LOGS }, (_, n) => `/hbase/splitWAL/${id}-${n}`);
    this.batches.set(id, tasks);
    this.batchesSubmitted += 1;
    this.tell({ kind: 'submit', id, tasks });
  }

  private fault(): void {
    const roll = this.random();
    const victim = this.workers[Math.floor(this.random() * this.workers.length)]!;
    if (roll < 0.004 && this.workers.length > 1) {
      this.workers = this.workers.filter((one) => one !== victim);
      this.tell({ kind: 'server-dead', server: victim.server });
      this.submit(`of-${victim.server}`);
      const [name, , start] = victim.server.split(',');
      this.workers.push(this.worker(`${name},16020,${Number(start) + 1}`));
    } else if (roll < 0.01) victim.pausedUntil = this.nowMs + this.random() * 300_000;
    else if (roll < 0.012) this.nextMaster();
  }

  /** It knows what the tree says, and which servers' logs are not split. */
  private nextMaster(): void {
    this.masters += 1;
    this.manager = new SplitLogManager();
    this.queue.length = 0;
    this.workers = this.workers.map(({ server }) =>
      this.worker(server.replace(/,(\d+)$/, (_, n) => `,${Number(n) + 1}`)),
    );
    this.tell({ kind: 'found', tasks: [...this.nodes.keys()] });
    for (const [id, tasks] of this.batches) this.tell({ kind: 'submit', id, tasks });
    for (const { content } of [...this.nodes.values()]) {
      const isOurs = this.workers.some(({ server }) => server === content.server);
      if (content.state === SplitState.owned && !isOurs) this.tell({ kind: 'server-dead', server: content.server });
    }
  }

  private endSplits(): void {
    for (const job of this.running.splice(0)) {
      const { worker, task, endsAtMs } = job;
      // With its process went what it was doing.
      if (!this.workers.includes(worker)) continue;
      if (endsAtMs > this.nowMs || worker.pausedUntil > this.nowMs) this.running.push(job);
      else {
        this.split.set(task, this.nowMs);
        this.turn(worker, { kind: 'split', task, outcome: this.random() < 0.05 ? 'resigned' : 'done' });
      }
    }
  }

  private list(): void {
    const tasks = [...this.nodes.keys()];
    for (const worker of this.workers) this.turn(worker, { kind: 'listed', tasks, servers: this.workers.length });
  }

  private tell(input: ManagerInput): void {
    for (const effect of this.manager.step(input, this.nowMs)) this.obey(effect);
  }

  private later(work: () => void): void {
    const manager = this.manager;
    this.queue.push(() => {
      if (manager === this.manager) work();
    });
  }

  private look(task: string): void {
    const node = this.nodes.get(task);
    if (node === undefined) return this.tell({ kind: 'gone', task });
    this.tell({ kind: 'seen', task, version: node.version, content: node.content });
  }

  private obey(effect: ManagerEffect): void {
    const master = `m,16000,${this.masters}`;
    switch (effect.kind) {
      case 'create':
        return this.later(() => {
          if (!this.nodes.has(effect.task)) {
            this.nodes.set(effect.task, { version: 0, content: { state: SplitState.unassigned, server: master } });
          }
          this.look(effect.task);
        });
      case 'read':
        return this.later(() => {
          // A task of a batch whose node the old master had not made.
          if (!this.nodes.has(effect.task)) this.obey({ kind: 'create', task: effect.task });
          else this.look(effect.task);
        });
      case 'unassign':
        return this.later(() => {
          this.set(effect.task, effect.version, { state: SplitState.unassigned, server: master });
          this.look(effect.task);
        });
      case 'finish':
        return this.later(() => this.tell({ kind: 'finished', task: effect.task }));
      case 'delete':
        return this.later(() => {
          this.nodes.delete(effect.task);
          this.tell({ kind: 'gone', task: effect.task });
        });
      case 'rescan':
        return;
      case 'batch-done':
        this.batchesDone += 1;
        for (const task of this.batches.get(effect.id) ?? []) {
          if (!this.split.has(task)) this.problems.push(`${task} was called done and was not split`);
        }
        this.batches.delete(effect.id);
        return;
      case 'batch-failed':
        this.problems.push(`${effect.id} failed at ${effect.task}`);
    }
  }

  private set(task: string, version: number, content: SplitLogTask): number | null {
    const node = this.nodes.get(task);
    if (node?.version !== version) return null;
    node.version += 1;
    node.content = content;
    return node.version;
  }

  private turn(worker: Worker, input: WorkerInput): void {
    if (!this.workers.includes(worker)) return;
    if (worker.pausedUntil > this.nowMs) {
      if (input.kind === 'read' || input.kind === 'written' || input.kind === 'split') worker.inbox.push(input);
      return;
    }
    for (const one of [...worker.inbox.splice(0), input]) {
      for (const effect of worker.machine.step(one, this.nowMs)) this.serve(worker, effect);
    }
  }

  private serve(worker: Worker, effect: WorkerEffect): void {
    switch (effect.kind) {
      case 'read':
        return this.later(() => {
          const node = this.nodes.get(effect.task);
          if (node !== undefined) this.turn(worker, { kind: 'read', task: effect.task, ...node });
        });
      case 'write': {
        // Sent: it arrives, whatever becomes of the sender.
        const version = this.set(effect.task, effect.version, { state: effect.state, server: worker.server });
        this.later(() => {
          this.turn(worker, { kind: 'written', task: effect.task, version });
          this.look(effect.task);
        });
        return;
      }
      case 'begin':
        this.running.push({ worker, task: effect.task, endsAtMs: this.nowMs + this.random() * LONGEST_SPLIT_MS });
        return;
      case 'stop':
        return;
    }
  }
}
