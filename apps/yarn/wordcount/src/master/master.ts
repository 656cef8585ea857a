/**
 * The ApplicationMaster: cuts the input, asks for containers, gives them to tasks, commits what reducers made.
 *
 * It may be the second of its kind. Committed parts are done for good (a rename in the shared directory); maps are taken
 * over from the journal, and one whose output is gone is found out by the reducer that needs it.
 */
import { access, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Heartbeat, MasterClient, NodeClient, RmProxy, parseRmAddresses } from '@menagerie/yarn-client';
import {
  ContainerEnvironment,
  type ContainerGrant,
  FinalStatus,
  NodeState,
  parseAttemptId,
} from '@menagerie/yarn-protocol';
import {
  Job,
  JOB_DIRECTORY,
  type MapTask,
  memoryOf,
  partName,
  planSplits,
  type ReduceTask,
  type Split,
  SUCCESS_FILE,
  TASK_VARIABLE,
  type TaskId,
  type WordCountSettings,
} from '@menagerie/yarn-wordcount';
import { writeWhole } from '../durable.js';
import { required, say } from '../environment.js';
import { listInput } from './input.js';
import { Journal } from './journal.js';

/** Lower goes first: a map that has to be repeated holds everybody up. */
const PRIORITY = { map: 20, reduce: 10 } as const;
const HEARTBEAT_MS = 500;
const START_TIMEOUT_MS = 5000;

export class Master {
  private readonly attemptId = required(ContainerEnvironment.AttemptId);
  private readonly nodes = new NodeClient({ timeoutMs: START_TIMEOUT_MS });
  private readonly client: MasterClient;
  private readonly jobDirectory: string;
  private readonly grants = new Map<string, ContainerGrant>();

  private constructor(
    private readonly settings: WordCountSettings,
    private readonly splits: readonly Split[],
    private readonly job: Job,
    private readonly journal: Journal,
  ) {
    this.jobDirectory = join(settings.output, JOB_DIRECTORY);
    this.client = new MasterClient({
      proxy: new RmProxy({
        addresses: parseRmAddresses(required(ContainerEnvironment.RmAddresses)),
        tryTimeoutMs: 2000,
        deadlineMs: 600_000,
        sleepBaseMs: 200,
        sleepMaxMs: 2000,
        onFailover: (from, to) => say(`asking ${to.rmId} instead of ${from.rmId}`),
      }),
      attemptId: this.attemptId,
      token: required(ContainerEnvironment.MasterToken),
      trackingUrl: '',
      liveContainers: () => this.job.running(),
    });
  }

  /** @throws Error when the input is not there or holds no text. */
  static async prepare(settings: WordCountSettings): Promise<Master> {
    const splits = await Journal.splits(settings.output, async () =>
      planSplits(await listInput(settings.input), settings.splitBytes),
    );
    const { attempt } = parseAttemptId(required(ContainerEnvironment.AttemptId));
    const { journal, maps } = await Journal.open(settings.output, attempt);
    const job = new Job(splits.length, settings.reducers);
    const reduces = new Set<number>();
    for (let i = 0; i < settings.reducers; i += 1) if (await exists(join(settings.output, partName(i)))) reduces.add(i);
    job.recover(maps, reduces);
    say(
      `attempt ${attempt}: ${splits.length} maps (${maps.size} done before), ${settings.reducers} reducers (${reduces.size} done)`,
    );
    return new Master(settings, splits, job, journal);
  }

  async run(): Promise<void> {
    await this.client.register();
    while (!this.job.isDone && this.job.failure === null) {
      const startedAt = performance.now();
      this.ask();
      const heartbeat = await this.client.heartbeat({ progress: this.job.progress, counters: this.job.counters() });
      await this.takeIn(heartbeat);
      const restMs = HEARTBEAT_MS - (performance.now() - startedAt);
      if (restMs > 0 && !this.job.isDone) await sleep(restMs);
    }
    await this.journal.close();
    const { failure } = this.job;
    if (failure === null) await writeWhole(join(this.settings.output, SUCCESS_FILE), '');
    // The last counters, for those who look at the report of the finished application.
    await this.client.heartbeat({ progress: this.job.progress, counters: this.job.counters() });
    const finalStatus = failure === null ? FinalStatus.Succeeded : FinalStatus.Failed;
    await this.client.finish({ finalStatus, diagnostics: failure ?? '', trackingUrl: '' });
    say(failure ?? 'done');
  }

  private ask(): void {
    const { maps, reduces } = this.job.wanted;
    this.client.table.want(PRIORITY.map, memoryOf(this.settings.mapMemoryMb), maps);
    this.client.table.want(PRIORITY.reduce, memoryOf(this.settings.reduceMemoryMb), reduces);
  }

  private async takeIn(heartbeat: Heartbeat): Promise<void> {
    for (const status of heartbeat.completed) {
      const place = this.job.running().find((one) => one.containerId === status.containerId);
      const done = this.job.ended(status);
      if (done) await this.taskDone(done, status.containerId);
      else if (place && status.exitStatus !== 0)
        say(`${status.containerId} ended with ${status.exitStatus}: ${status.diagnostics}`);
    }
    for (const update of heartbeat.nodeUpdates) {
      if (update.state === NodeState.Running) continue;
      say(`node ${update.nodeId} is ${update.state}`);
      this.job.nodeLost(update.nodeId);
    }
    await Promise.all(heartbeat.granted.map((grant) => this.useGrant(grant)));
  }

  private async taskDone(task: TaskId, containerId: string): Promise<void> {
    const grant = this.grants.get(containerId);
    this.grants.delete(containerId);
    if (task.kind === 'map') {
      const place = this.job.outputsOfMaps()[task.index];
      if (place) await this.journal.mapDone(task.index, place);
    } else {
      // The commit: from here on this part is done for every attempt of the master.
      await rename(this.uncommitted(containerId), join(this.settings.output, partName(task.index)));
    }
    say(`${task.kind} ${task.index} done${grant ? ` on ${grant.nodeId}` : ''}`);
  }

  private async useGrant(grant: ContainerGrant): Promise<void> {
    const { containerId, nodeId, nodeHttpAddress } = grant;
    const kind = grant.priority === PRIORITY.map ? 'map' : 'reduce';
    const task = this.job.assign(kind, { containerId, nodeId, nodeHttpAddress });
    if (!task) return this.client.table.release(containerId);
    this.grants.set(containerId, grant);
    try {
      const description = join(this.jobDirectory, `${containerId}.json`);
      await writeWhole(description, JSON.stringify(this.describe(task, containerId)));
      await this.nodes.startContainer(grant, {
        command: [process.execPath, '--max-old-space-size=96', script(kind)],
        environment: {
          [TASK_VARIABLE]: description,
          [ContainerEnvironment.TimeLimitMs]: String(this.settings.taskTimeLimitMs),
        },
      });
    } catch (error) {
      say(`${containerId} on ${nodeId} cannot be started: ${error instanceof Error ? error.message : String(error)}`);
      this.grants.delete(containerId);
      this.job.notStarted(containerId);
      this.client.table.release(containerId);
    }
  }

  private describe({ kind, index }: TaskId, containerId: string): MapTask | ReduceTask {
    const { input, reducers, splitPaceMs } = this.settings;
    if (kind === 'map') return { input, reducers, paceMs: splitPaceMs, ranges: [...(this.splits[index] ?? [])] };
    const maps = this.job.outputsOfMaps().flatMap((place) => (place ? [place] : []));
    return { reducer: index, file: this.uncommitted(containerId), maps };
  }

  private uncommitted(containerId: string): string {
    return join(this.jobDirectory, `${containerId}.part`);
  }
}

const script = (kind: TaskId['kind']): string => fileURLToPath(new URL(`../task/${kind}.js`, import.meta.url));

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Made here, so that a missing parent is said before anything runs. */
export const makeOutput = (settings: WordCountSettings): Promise<unknown> =>
  mkdir(settings.output, { recursive: true }).catch((error: unknown) => {
    throw new Error(`${settings.output} under ${dirname(settings.output)}: ${String(error)}`);
  });
