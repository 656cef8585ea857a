/**
 * The master's half of distributed log splitting: pure (SplitLogManager.java, ZKSplitLogManagerCoordination.java).
 * It puts one task for each log into the tree, and sees to it that each is done, whoever dies meanwhile. Correct because
 * splitting a log twice has the same result, so that taking a task from somebody who still works on it does no harm.
 */
import { type SplitLogTask, SplitState } from '../layout/payload.js';
import { SPLIT_LOG_SETTINGS, type SplitLogSettings } from './settings.js';

export type ManagerInput =
  /** A dead server's logs; `id` comes back when they are done. */
  | { readonly kind: 'submit'; readonly id: string; readonly tasks: readonly string[] }
  /** What a read or a watch shows. */
  | { readonly kind: 'seen'; readonly task: string; readonly version: number; readonly content: SplitLogTask }
  | { readonly kind: 'gone'; readonly task: string }
  /** What the listing holds at the start: another master's tasks. */
  | { readonly kind: 'found'; readonly tasks: readonly string[] }
  | { readonly kind: 'server-dead'; readonly server: string }
  /** What the worker produced is in place; to be answered to `finish`. */
  | { readonly kind: 'finished'; readonly task: string }
  | { readonly kind: 'tick' };

export type ManagerEffect =
  /** Create it UNASSIGNED; one that is there already is read instead. */
  | { readonly kind: 'create'; readonly task: string }
  | { readonly kind: 'read'; readonly task: string }
  /** Set to UNASSIGNED if it still has this version; a lost race shows in the next `seen`. */
  | { readonly kind: 'unassign'; readonly task: string; readonly version: number }
  | { readonly kind: 'finish'; readonly task: string }
  | { readonly kind: 'delete'; readonly task: string }
  | { readonly kind: 'rescan' }
  | { readonly kind: 'batch-done'; readonly id: string }
  | { readonly kind: 'batch-failed'; readonly id: string; readonly task: string };

interface Task {
  /** Invariant: -1 until it was seen, then never falls. */
  version: number;
  content: SplitLogTask | null;
  /** When `version` last changed: a sign of life of its owner. */
  changedAtMs: number;
  /** Unforced ones only. Invariant: at most `maxResubmits`. */
  resubmits: number;
  errors: number;
  /** Version that was to be unassigned, so that it is asked once. */
  asked: number;
  phase: 'open' | 'finishing' | 'deleting';
  readonly batches: Set<string>;
}

export class SplitLogManager {
  private readonly tasks = new Map<string, Task>();
  private readonly batches = new Map<string, Set<string>>();
  private readonly dead = new Set<string>();
  private idleSinceMs = 0;

  constructor(private readonly settings: SplitLogSettings = SPLIT_LOG_SETTINGS) {}

  /** Tasks that are not deleted yet. */
  get open(): readonly string[] {
    return [...this.tasks.keys()];
  }

  /** How often a task was taken from a silent owner. */
  resubmits(task: string): number {
    return this.tasks.get(task)?.resubmits ?? 0;
  }

  step(input: ManagerInput, nowMs: number): ManagerEffect[] {
    switch (input.kind) {
      case 'submit':
        return this.submit(input.id, input.tasks, nowMs);
      case 'found':
        return input.tasks
          .filter((task) => !this.tasks.has(task))
          .map((task) => {
            this.tasks.set(task, newTask(nowMs));
            return { kind: 'read', task };
          });
      case 'seen':
        return this.seen(input.task, input.version, input.content, nowMs);
      case 'gone':
        return this.gone(input.task);
      case 'finished':
        return this.deleteTask(input.task);
      case 'server-dead':
        this.dead.add(input.server);
        return [...this.tasks].flatMap(([name, task]) => this.ownerDied(name, task));
      case 'tick':
        return this.tick(nowMs);
    }
  }

  private submit(id: string, names: readonly string[], nowMs: number): ManagerEffect[] {
    if (names.length === 0) return [{ kind: 'batch-done', id }];
    this.batches.set(id, new Set(names));
    return names.map((name): ManagerEffect => {
      const known = this.tasks.get(name);
      if (known !== undefined) {
        known.batches.add(id);
        return { kind: 'read', task: name };
      }
      const task = newTask(nowMs);
      task.batches.add(id);
      this.tasks.set(name, task);
      return { kind: 'create', task: name };
    });
  }

  private seen(name: string, version: number, content: SplitLogTask, nowMs: number): ManagerEffect[] {
    const task = this.tasks.get(name);
    // Older than what is known: an answer that was overtaken.
    if (task === undefined || version < task.version) return [];
    const isNew = version > task.version;
    if (isNew) task.changedAtMs = nowMs;
    task.version = version;
    task.content = content;
    if (task.phase !== 'open') return [];
    switch (content.state) {
      case SplitState.unassigned:
        return [];
      case SplitState.owned:
        return this.ownerDied(name, task);
      case SplitState.resigned:
        return this.unassign(name, task);
      case SplitState.done:
        task.phase = 'finishing';
        return [{ kind: 'finish', task: name }];
      case SplitState.err:
        return isNew ? this.failed(name, task) : [];
    }
  }

  private failed(name: string, task: Task): ManagerEffect[] {
    task.errors += 1;
    if (task.errors <= this.settings.maxErrors) return this.unassign(name, task);
    const failed = [...task.batches].filter((id) => this.batches.delete(id));
    task.batches.clear();
    return [...failed.map((id): ManagerEffect => ({ kind: 'batch-failed', id, task: name })), ...this.deleteTask(name)];
  }

  private ownerDied(name: string, task: Task): ManagerEffect[] {
    const { content } = task;
    const isDead = content?.state === SplitState.owned && this.dead.has(content.server);
    return isDead && task.phase === 'open' ? this.unassign(name, task) : [];
  }

  private unassign(name: string, task: Task): ManagerEffect[] {
    if (task.asked === task.version) return [];
    task.asked = task.version;
    return [{ kind: 'unassign', task: name, version: task.version }];
  }

  private deleteTask(name: string): ManagerEffect[] {
    const task = this.tasks.get(name);
    if (task === undefined) return [];
    task.phase = 'deleting';
    return [{ kind: 'delete', task: name }];
  }

  private gone(name: string): ManagerEffect[] {
    const task = this.tasks.get(name);
    if (task === undefined) return [];
    this.tasks.delete(name);
    // Only we delete, and only what is finished: anything else was an operator's, and its log is still there.
    if (task.phase !== 'deleting') {
      return [...task.batches]
        .filter((id) => this.batches.delete(id))
        .map((id) => ({ kind: 'batch-failed', id, task: name }));
    }
    return [...task.batches].flatMap((id): ManagerEffect[] => {
      const rest = this.batches.get(id);
      rest?.delete(name);
      if (rest === undefined || rest.size > 0) return [];
      this.batches.delete(id);
      return [{ kind: 'batch-done', id }];
    });
  }

  private tick(nowMs: number): ManagerEffect[] {
    const effects: ManagerEffect[] = [];
    for (const [name, task] of this.tasks) {
      // A deletion or a finish that failed is repeated: both may be done twice.
      if (task.phase === 'deleting') effects.push({ kind: 'delete', task: name });
      else if (task.phase === 'finishing') effects.push({ kind: 'finish', task: name });
      else if (task.content?.state === SplitState.owned && nowMs - task.changedAtMs > this.settings.taskTimeoutMs) {
        if (task.resubmits >= this.settings.maxResubmits || task.asked === task.version) continue;
        task.resubmits += 1;
        effects.push(...this.unassign(name, task));
      } else if (task.content?.state !== SplitState.owned) effects.push({ kind: 'read', task: name });
    }
    return [...effects, ...this.rescan(nowMs)];
  }

  /** Nobody takes what there is: a node that appears makes every worker list the tasks again. */
  private rescan(nowMs: number): ManagerEffect[] {
    const all = [...this.tasks.values()];
    const idle = all.length > 0 && all.every(({ content }) => content?.state === SplitState.unassigned);
    if (!idle) {
      this.idleSinceMs = nowMs;
      return [];
    }
    if (nowMs - this.idleSinceMs <= this.settings.unassignedTimeoutMs) return [];
    this.idleSinceMs = nowMs;
    return [{ kind: 'rescan' }];
  }
}

const newTask = (nowMs: number): Task => ({
  version: -1,
  content: null,
  changedAtMs: nowMs,
  resubmits: 0,
  errors: 0,
  asked: -1,
  phase: 'open',
  batches: new Set(),
});
