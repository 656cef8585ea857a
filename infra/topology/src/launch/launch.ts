/** `npm start`: brings the declared system up through Nx, waits until all of it is well, and takes it down in order. */
import type { Plan } from '../declare/plan.js';
import { allProcesses } from '../declare/plan.js';
import { AlreadyRunningError, TopologyError, WaitDeadlineError } from '../errors.js';
import type { ProbeResult } from '../probe/probe.js';
import { waitFor } from '../probe/wait-for.js';
import { isAlive, signalProcess } from '../registry/process-identity.js';
import { Registry } from '../registry/registry.js';
import { FAILURE_PREFIX } from '../supervisor/failure-line.js';
import { runNx } from './nx-run.js';
import { assertPortsFree } from './ports.js';

export interface LaunchOptions {
  readonly plan: Plan;
  readonly root: string;
  readonly verbose: boolean;
  /** Whether all of the system is well; asked until it is. */
  readonly isHealthy: () => Promise<ProbeResult>;
  /** One line for the user. */
  readonly print: (line: string) => void;
  /** Called once, when all is well; `tookMs` since the call of `launch`. */
  readonly onReady: (tookMs: number) => void;
  /** Fires when the user wants it to end. */
  readonly signal: AbortSignal;
}

const READY_DEADLINE_MS = 150_000;
const HEALTH_POLL_MS = 300;
/** A supervisor gives its processes 12 s before it kills them. */
const GROUP_STOP_DEADLINE_MS = 20_000;
const NX_END_DEADLINE_MS = 5_000;
/** What Nx and the supervisors said last, for the case that it does not work out. */
const KEPT_LINES = 30;

/**
 * Returns once the system has been stopped and none of its processes is left.
 * @throws AlreadyRunningError, PortTakenError before anything is started; TopologyError when a group cannot run or the
 *   system does not become healthy, after everything has been stopped again
 */
export async function launch(options: LaunchOptions): Promise<void> {
  const { plan, print, signal } = options;
  const startedMs = performance.now();
  const registry = new Registry(plan.settings.dataRoot);
  const groups = plan.groups.filter((group) => !group.external);
  for (const { name } of groups) {
    const other = registry.supervisor(name);
    if (other !== undefined && isAlive(other)) throw new AlreadyRunningError(name, other.pid);
  }
  await assertPortsFree(allProcesses(plan), registry);
  registry.recordSettings(plan.settings);

  const ids = allProcesses(plan).map(({ id }) => id);
  const last: string[] = [];
  const failed = new AbortController();
  const nx = runNx({
    ...options,
    settings: plan.settings,
    groups,
    onLine: (line) => {
      last.push(line);
      if (last.length > KEPT_LINES) last.shift();
      if (line.startsWith(FAILURE_PREFIX)) {
        failed.abort(new TopologyError('TOPOLOGY_START_FAILED', line.slice(FAILURE_PREFIX.length)));
      }
      const event = ids.some((id) => line.startsWith(`${id}: `));
      if (options.verbose || (event && !/: (started|stopped)/.test(line))) print(line);
    },
  });
  void nx.ended.then((code) => {
    const said = last.filter((line) => line.trim() !== '').join('\n');
    failed.abort(new TopologyError('TOPOLOGY_NX_ENDED', `Nx ended with ${code}; it said:\n${said}`));
  });

  try {
    const either = AbortSignal.any([signal, failed.signal]);
    const wait = { timeoutMs: READY_DEADLINE_MS, everyMs: HEALTH_POLL_MS, signal: either };
    await waitFor('the system is healthy', options.isHealthy, wait);
    options.onReady(performance.now() - startedMs);
    await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
    // Both may have fired; what the user asked for is what counts.
    if (!signal.aborted) throw failed.signal.reason;
  } catch (error) {
    if (signal.aborted) return;
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    await stopInOrder(options, registry);
    await endOf(nx.ended, NX_END_DEADLINE_MS, () => nx.kill());
  }
}

/** Those who wait for others are stopped before them: services close their sessions while there is an ensemble. */
async function stopInOrder({ plan, print }: LaunchOptions, registry: Registry): Promise<void> {
  print('stopping');
  for (const { name, processes } of [...plan.groups].reverse()) {
    const supervisor = registry.supervisor(name);
    if (supervisor === undefined || !signalProcess(supervisor, 'SIGTERM')) continue;
    const gone = async (): Promise<ProbeResult> =>
      isAlive(supervisor) ? { healthy: false, reason: 'its supervisor lives' } : { healthy: true };
    try {
      await waitFor(`end of ${name}`, gone, { timeoutMs: GROUP_STOP_DEADLINE_MS, everyMs: 50 });
    } catch (error) {
      if (!(error instanceof WaitDeadlineError)) throw error;
      print(`${error.message}: killed`);
      for (const { id } of processes) {
        const record = registry.process(id);
        if (record !== undefined) signalProcess(record, 'SIGKILL');
      }
      signalProcess(supervisor, 'SIGKILL');
    }
  }
}

async function endOf(ended: Promise<unknown>, deadlineMs: number, kill: () => void): Promise<void> {
  const timer = setTimeout(kill, deadlineMs);
  await ended;
  clearTimeout(timer);
}
