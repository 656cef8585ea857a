/**
 * What a master decides, with no process and no clock: which tasks wait, run or are done, and what follows from a grant,
 * an end, a lost node.
 *
 * Map outputs live on the node that made them and die with it; a reduce result counts once it is committed to the shared
 * directory. So a lost node takes finished maps back to waiting as long as a reducer still needs them.
 */
import { ContainerExitStatus, isFrameworkFault, type ContainerStatus } from '@menagerie/yarn-protocol';

export interface TaskId {
  readonly kind: 'map' | 'reduce';
  readonly index: number;
}

/** Where a map's output can be fetched. */
export interface MapOutput {
  readonly containerId: string;
  readonly nodeId: string;
  readonly nodeHttpAddress: string;
}

export type TaskPlace = MapOutput;

interface Task {
  readonly id: TaskId;
  state: 'waiting' | 'running' | 'done';
  place: TaskPlace | null;
  /** Ends that were the task's own fault. */
  failures: number;
}

export interface JobCounters {
  readonly [name: string]: number;
  readonly mapsTotal: number;
  readonly mapsDone: number;
  readonly reducesTotal: number;
  readonly reducesDone: number;
  readonly tasksRunning: number;
  /** Maps that had to be done again because their output went with a node. */
  readonly mapsRepeated: number;
  readonly taskFailures: number;
}

/** As `mapreduce.map.maxattempts`. */
const MAX_FAILURES = 4;
/** A reducer that cannot fetch says which outputs by lines like this on standard error, and exits with this code. */
export const LOST_OUTPUT_EXIT_CODE = 65;
export const lostOutputLine = (map: number): string => `LOST_MAP_OUTPUT ${map}`;

export class Job {
  private readonly maps: Task[];
  private readonly reduces: Task[];
  private readonly byContainer = new Map<string, Task>();
  private repeated = 0;
  private failureCount = 0;
  /** The first task that failed too often, and why. */
  private failed: string | null = null;

  constructor(mapCount: number, reduceCount: number) {
    const tasks = (kind: TaskId['kind'], count: number) =>
      Array.from({ length: count }, (_, index): Task => ({
        id: { kind, index },
        state: 'waiting',
        place: null,
        failures: 0,
      }));
    this.maps = tasks('map', mapCount);
    this.reduces = tasks('reduce', reduceCount);
  }

  /** What an earlier master of this job had achieved. */
  recover(maps: ReadonlyMap<number, MapOutput>, reduces: ReadonlySet<number>): void {
    for (const [index, place] of maps) Object.assign(this.maps[index] ?? {}, { state: 'done', place });
    for (const index of reduces) Object.assign(this.reduces[index] ?? {}, { state: 'done' });
  }

  get failure(): string | null {
    return this.failed;
  }

  get isDone(): boolean {
    return this.reduces.every((task) => task.state === 'done');
  }

  /** Maps first: a reducer started early would only hold a place that a map needs. */
  get wanted(): { readonly maps: number; readonly reduces: number } {
    if (this.failed !== null || this.isDone) return { maps: 0, reduces: 0 };
    const waiting = (tasks: readonly Task[]) => tasks.filter((task) => task.state === 'waiting').length;
    const mapsLeft = this.maps.some((task) => task.state !== 'done');
    return { maps: waiting(this.maps), reduces: mapsLeft ? 0 : waiting(this.reduces) };
  }

  /** Gives a container to a task; `null`: nothing of that kind waits any more, let it go. */
  assign(kind: TaskId['kind'], place: TaskPlace): TaskId | null {
    const tasks = kind === 'map' ? this.maps : this.reduces;
    const wanted = kind === 'map' ? this.wanted.maps : this.wanted.reduces;
    const task = wanted > 0 ? tasks.find((one) => one.state === 'waiting') : undefined;
    if (!task) return null;
    task.state = 'running';
    task.place = place;
    this.byContainer.set(place.containerId, task);
    return task.id;
  }

  /** The container was given and could not be started: it was never the task's. */
  notStarted(containerId: string): void {
    const task = this.byContainer.get(containerId);
    this.byContainer.delete(containerId);
    if (task) this.again(task);
  }

  /**
   * Takes in the end of a container; ends of unknown ones, and ends told twice, change nothing.
   * @returns the task that was finished by it, or `null`
   */
  ended(status: ContainerStatus): TaskId | null {
    const task = this.byContainer.get(status.containerId);
    if (!task || task.state !== 'running' || task.place?.containerId !== status.containerId) return null;
    this.byContainer.delete(status.containerId);
    if (status.exitStatus === ContainerExitStatus.Success) {
      task.state = 'done';
      return task.id;
    }
    if (status.exitStatus === LOST_OUTPUT_EXIT_CODE) this.outputsLost(status.diagnostics);
    else if (!isFrameworkFault(status.exitStatus)) this.taskFailed(task, status.diagnostics);
    this.again(task);
    return null;
  }

  /** The node's disk is gone for us, and with it the outputs of its finished maps. */
  nodeLost(nodeId: string): void {
    if (this.isDone) return;
    for (const map of this.maps) if (map.state === 'done' && map.place?.nodeId === nodeId) this.repeat(map);
  }

  outputsOfMaps(): readonly (MapOutput | null)[] {
    return this.maps.map((task) => (task.state === 'done' ? task.place : null));
  }

  running(): readonly { readonly containerId: string; readonly nodeId: string }[] {
    return [...this.byContainer.values()].flatMap(({ place }) => (place ? [place] : []));
  }

  counters(): JobCounters {
    const done = (tasks: readonly Task[]) => tasks.filter((task) => task.state === 'done').length;
    return {
      mapsTotal: this.maps.length,
      mapsDone: done(this.maps),
      reducesTotal: this.reduces.length,
      reducesDone: done(this.reduces),
      tasksRunning: this.byContainer.size,
      mapsRepeated: this.repeated,
      taskFailures: this.failureCount,
    };
  }

  get progress(): number {
    const { mapsDone, mapsTotal, reducesDone, reducesTotal } = this.counters();
    return (mapsDone + reducesDone) / Math.max(1, mapsTotal + reducesTotal);
  }

  private outputsLost(diagnostics: string): void {
    for (const match of diagnostics.matchAll(/^LOST_MAP_OUTPUT (\d+)$/gm)) {
      const map = this.maps[Number(match[1])];
      if (map?.state === 'done') this.repeat(map);
    }
  }

  private repeat(map: Task): void {
    this.repeated += 1;
    this.again(map);
  }

  private again(task: Task): void {
    task.state = 'waiting';
    task.place = null;
  }

  private taskFailed(task: Task, diagnostics: string): void {
    task.failures += 1;
    this.failureCount += 1;
    if (task.failures >= MAX_FAILURES) {
      this.failed ??= `${task.id.kind} ${task.id.index} failed ${task.failures} times; last: ${diagnostics}`;
    }
  }
}
