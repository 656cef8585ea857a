/**
 * The faults. Each acts on one process of the plan, and only on the very process that the registry records: a pid that
 * the system has given to somebody else is never signalled.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import {
  allProcesses,
  findProcess,
  isAlive,
  isPaused,
  layout,
  type Plan,
  probe,
  type ProbeResult,
  type ProcessPlan,
  type ProcessRecord,
  Registry,
  signalProcess,
  waitFor,
} from '@menagerie/topology';

import { ChaosError, ChaosErrorCode } from './errors.js';
import { openLinks } from './filter/open-links.js';
import { applyCuts, tableOf, whyNoFilter } from './filter/packet-filter.js';
import type { Cut } from './filter/rules.js';
import { expireSession, formatSessionId, type ServerAddress } from './session/expire-session.js';
import { ownSessions } from './session/own-sessions.js';

const SIGNAL_DEADLINE_MS = 5_000;
const RESTART_DEADLINE_MS = 60_000;
const POLL_MS = 20;

export class Chaos {
  readonly #registry: Registry;
  readonly #dataRoot: string;

  constructor(private readonly plan: Plan) {
    this.#dataRoot = plan.settings.dataRoot;
    this.#registry = new Registry(this.#dataRoot);
  }

  /** `kill -9`, and no restart until `restart`. Returns once the process is gone. */
  async kill(id: string): Promise<ProcessRecord> {
    const record = this.#running(id);
    // Before the signal: the supervisor looks for it as soon as the process has ended.
    mark(layout.down(this.#dataRoot, id), { since: new Date().toISOString() });
    signalProcess(record, 'SIGKILL');
    await until(`end of ${id}`, () => !isAlive(record));
    return record;
  }

  /** `SIGSTOP`: it stays, holds its sockets, and does nothing. */
  async pause(id: string): Promise<ProcessRecord> {
    const record = this.#running(id);
    signalProcess(record, 'SIGSTOP');
    await until(`${id} paused`, () => isPaused(record));
    return record;
  }

  /** `SIGCONT`. */
  async resume(id: string): Promise<ProcessRecord> {
    const record = this.#running(id);
    if (!isPaused(record)) throw new ChaosError(ChaosErrorCode.already, `${id} is not paused`);
    signalProcess(record, 'SIGCONT');
    await until(`${id} running`, () => !isPaused(record));
    return record;
  }

  /** Lets a process that is held down start again, or stops a running one in good order so that it starts anew. */
  async restart(id: string): Promise<ProcessRecord> {
    const process = findProcess(this.plan, id);
    const supervisor = this.#registry.supervisor(process.group);
    if (supervisor === undefined || !isAlive(supervisor)) {
      throw new ChaosError(
        ChaosErrorCode.noSupervisor,
        `nobody would start ${id} again: ${process.group} is not served`,
      );
    }
    const before = this.#registry.process(id);
    rmSync(layout.down(this.#dataRoot, id), { force: true });
    if (before !== undefined && signalProcess(before, 'SIGTERM')) signalProcess(before, 'SIGCONT');
    const healthy = async (): Promise<ProbeResult> => {
      const now = this.#registry.process(id);
      const fresh = now !== undefined && now.startTime !== before?.startTime && isAlive(now);
      return fresh ? await probe(process) : { healthy: false, reason: 'not started yet' };
    };
    await waitFor(`${id} healthy again`, healthy, { timeoutMs: RESTART_DEADLINE_MS, everyMs: 100 });
    return this.#running(id);
  }

  /** Drops every packet from and to the process on the loopback interface; nobody is told. */
  partition(id: string): Cut {
    const process = findProcess(this.plan, id);
    const record = this.#running(id);
    const why = whyNoFilter();
    if (why !== undefined) throw new ChaosError(ChaosErrorCode.unavailable, why);
    if (record.gid === undefined) {
      throw new ChaosError(ChaosErrorCode.unavailable, `${id} was not started by root, so its packets are not marked`);
    }
    const ports = Object.values(process.ports);
    const own = new Set(ports);
    const links = openLinks(record.pid).filter(([port]) => !own.has(port));
    const cut: Cut = { id, gid: record.gid, ports, links };
    applyCuts(tableOf(this.#dataRoot), [...this.#cuts().filter((other) => other.id !== id), cut]);
    mark(layout.cut(this.#dataRoot, id), cut);
    return cut;
  }

  /** Takes a partition back. */
  heal(id: string): void {
    findProcess(this.plan, id);
    const cuts = this.#cuts();
    if (!cuts.some((cut) => cut.id === id)) throw new ChaosError(ChaosErrorCode.already, `${id} is not cut off`);
    applyCuts(
      tableOf(this.#dataRoot),
      cuts.filter((cut) => cut.id !== id),
    );
    rmSync(layout.cut(this.#dataRoot, id), { force: true });
  }

  /** Takes all partitions back, if there are any. */
  healAll(): void {
    const cuts = this.#cuts();
    if (cuts.length === 0) return;
    applyCuts(tableOf(this.#dataRoot), []);
    for (const { id } of cuts) rmSync(layout.cut(this.#dataRoot, id), { force: true });
  }

  /** @returns the ids of the sessions that were ended */
  async expire(id: string): Promise<readonly string[]> {
    const process = findProcess(this.plan, id);
    this.#running(id);
    const ids = await ownSessions(process);
    const server = await this.#anyServer();
    for (const session of ids) await expireSession(server, session);
    return ids.map(formatSessionId);
  }

  /** Takes back every fault that is in force: what demos do at their end. */
  async restore(): Promise<void> {
    this.healAll();
    for (const process of allProcesses(this.plan)) {
      const record = this.#registry.process(process.id);
      if (record !== undefined && isPaused(record)) await this.resume(process.id);
      if (existsSync(layout.down(this.#dataRoot, process.id))) await this.restart(process.id);
    }
  }

  #running(id: string): ProcessRecord {
    findProcess(this.plan, id);
    const record = this.#registry.process(id);
    if (record !== undefined && isAlive(record)) return record;
    const held = existsSync(layout.down(this.#dataRoot, id));
    throw new ChaosError(ChaosErrorCode.notRunning, held ? `${id} is held down already` : `${id} does not run`);
  }

  #cuts(): readonly Cut[] {
    return allProcesses(this.plan).flatMap(({ id }) => readCut(layout.cut(this.#dataRoot, id)));
  }

  async #anyServer(): Promise<ServerAddress> {
    const [servers = ''] = this.plan.zkConnect.split(/(?=\/)/);
    const addresses = servers.split(',').flatMap((server) => {
      const [, host, port] = /^(.*):(\d+)$/.exec(server) ?? [];
      return host === undefined ? [] : [{ host, port: Number(port) }];
    });
    for (const { host, port } of addresses) {
      const asServer: Pick<ProcessPlan, 'host' | 'ports' | 'probe'> = {
        host,
        ports: { client: port },
        probe: { kind: 'zookeeper', port: 'client' },
      };
      if ((await probe(asServer)).healthy) return { host, port };
    }
    throw new ChaosError(ChaosErrorCode.notRunning, `no server of ${this.plan.zkConnect} serves`);
  }
}

function mark(file: string, content: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content)}\n`);
}

function readCut(file: string): readonly Cut[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8')) as Cut];
  } catch {
    return [];
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const ask = () => Promise.resolve<ProbeResult>(holds() ? { healthy: true } : { healthy: false, reason: 'not yet' });
  await waitFor(what, ask, { timeoutMs: SIGNAL_DEADLINE_MS, everyMs: POLL_MS });
}
