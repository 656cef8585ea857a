/** Real supervisors over real, tiny processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Topology } from '../declare/model.js';
import { plan, type Plan } from '../declare/plan.js';
import { AlreadyRunningError, RefusedError, WaitDeadlineError } from '../errors.js';
import { probeGroup, waitFor } from '../probe/wait-for.js';
import { layout } from '../registry/layout.js';
import { identify, isAlive, type ProcessIdentity, signalProcess } from '../registry/process-identity.js';
import { Registry } from '../registry/registry.js';
import { Supervisor } from './supervisor.js';

const here = join(import.meta.dirname, '..');
const GROUP = 'tiny/process';
const WAIT = { timeoutMs: 20_000, everyMs: 20 };

let dataRoot: string;
let registry: Registry;
let ports: number[];
const events: string[] = [];
const started: { supervisor: Supervisor; running: Promise<unknown> }[] = [];

beforeEach(async () => {
  dataRoot = mkdtempSync(join(tmpdir(), 'menagerie-supervisor-'));
  registry = new Registry(dataRoot);
  ports = await freePorts(3);
  events.length = 0;
});

afterEach(async () => {
  for (const { supervisor, running } of started.splice(0)) {
    supervisor.stop();
    await running.catch(() => undefined);
  }
  rmSync(dataRoot, { recursive: true, force: true });
});

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const found = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}

/** Two replicas of the tiny process, and a third in a group that waits for them. */
function tinyPlan(misbehave = ''): Plan {
  const program = join(here, '__fixtures__/tiny.mjs');
  const group = (name: string, ids: readonly string[], waitsFor: readonly string[]) => ({
    name,
    title: name,
    project: name,
    program,
    replicas: ids.map((id) => ({ id, ports: { http: ports[Number(id.slice(1)) - 1] ?? 0 } })),
    waitsFor,
    enough: ids.length,
    probe: { kind: 'http' as const, port: 'http', path: '/health' },
    environment: (place: { replica: { id: string }; port(name: string): number }) => ({
      TINY_ID: place.replica.id,
      TINY_PORT: String(place.port('http')),
      TINY_MISBEHAVE: place.replica.id === 't2' ? misbehave : '',
    }),
  });
  const topology: Topology = { groups: [group(GROUP, ['t1', 't2'], []), group('tiny/other', ['t3'], [GROUP])] };
  return plan(topology, { dataRoot, portOffset: 0 });
}

function supervise(running: Plan, group = GROUP, waitMs = 20_000, stopDeadlineMs = 10_000) {
  const print = (line: string) => void events.push(line);
  const supervisor = new Supervisor({ plan: running, group, root: '/', print, verbose: false, waitMs, stopDeadlineMs });
  const handle = { supervisor, running: supervisor.run() };
  handle.running.catch(() => undefined);
  started.push(handle);
  return handle;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const ask = () =>
    Promise.resolve(holds() ? { healthy: true as const } : { healthy: false as const, reason: events.join('\n') });
  await waitFor(what, ask, WAIT);
}

async function untilHealthy(running: Plan, group = running.groups[0]): Promise<void> {
  if (group === undefined) throw new Error('no group');
  await waitFor(`${group.name} healthy`, () => probeGroup(running, group), WAIT);
}

function record(id: string): ProcessIdentity {
  const found = registry.process(id);
  if (found === undefined) throw new Error(`no record of ${id}`);
  return found;
}

describe('a supervisor', () => {
  it('starts its replicas, records them, keeps their logs, and stops them in good order', async () => {
    const running = tinyPlan();
    const { supervisor, running: ended } = supervise(running);
    await untilHealthy(running);
    const [t1, t2] = [record('t1'), record('t2')];
    expect(registry.process('t1')).toMatchObject({ group: GROUP, ports: { http: ports[0] }, restarts: 0 });
    supervisor.stop();
    await ended;
    expect([isAlive(t1), isAlive(t2)]).toEqual([false, false]);
    expect(readFileSync(layout.log(dataRoot, 't1'), 'utf8')).toBe('tiny t1 starts\nstopping in good order\n');
    expect([registry.process('t1'), registry.supervisor(GROUP)]).toEqual([undefined, undefined]);
  });

  it('starts a crashed replica again and leaves the other alone', async () => {
    const running = tinyPlan();
    supervise(running);
    await untilHealthy(running);
    const [t1, t2] = [record('t1'), record('t2')];
    signalProcess(t1, 'SIGKILL');
    await until('a second process', () => isAlive(record('t1')));
    await untilHealthy(running);
    expect(registry.process('t1')?.restarts).toBe(1);
    expect(record('t2')).toEqual(t2);
  });

  it('a replica that is held down stays down until it is released', async () => {
    const running = tinyPlan();
    supervise(running);
    await untilHealthy(running);
    const t1 = record('t1');
    writeFileSync(layout.down(dataRoot, 't1'), '');
    signalProcess(t1, 'SIGKILL');
    await until('held', () => events.includes('t1: ended (SIGKILL), held down'));
    expect(isAlive(record('t1'))).toBe(false);
    rmSync(layout.down(dataRoot, 't1'));
    await untilHealthy(running);
    expect(isAlive(record('t1'))).toBe(true);
  });

  it('a process that was paused is stopped all the same', async () => {
    const running = tinyPlan();
    const { supervisor, running: ended } = supervise(running);
    await untilHealthy(running);
    signalProcess(record('t1'), 'SIGSTOP');
    supervisor.stop();
    await ended;
    expect(readFileSync(layout.log(dataRoot, 't1'), 'utf8')).toContain('stopping in good order');
  });

  it('a process that does not stop is killed after its deadline', async () => {
    const running = tinyPlan('ignore-sigterm');
    const { supervisor, running: ended } = supervise(running, GROUP, 20_000, 200);
    await untilHealthy(running);
    supervisor.stop();
    await ended;
    expect(events).toContain('t2: does not stop: killed');
    expect(events).toContain('t2: stopped (SIGKILL)');
  });

  it('ends what a stopped process leaves behind in its group', async () => {
    const running = tinyPlan('leave-helper');
    const { supervisor, running: ended } = supervise(running);
    await untilHealthy(running);
    const helper = Number(/helper (\d+)/.exec(readFileSync(layout.log(dataRoot, 't2'), 'utf8'))?.[1]);
    expect(identify(helper)).toBeDefined();
    supervisor.stop();
    await ended;
    await until('helper gone', () => identify(helper) === undefined);
  });

  it('a process that refuses its configuration ends the group with its own words', async () => {
    const { running: ended } = supervise(tinyPlan('refuse'));
    await expect(ended).rejects.toThrow(new RefusedError('t2', 'TINY_COLOR: expected a colour, got "loud"'));
    expect([registry.process('t1'), registry.process('t2')]).toEqual([undefined, undefined]);
  });

  it('waits for the groups it needs', async () => {
    const running = tinyPlan();
    supervise(running, 'tiny/other');
    await until('it says so', () => events.includes(`tiny/other: waits for ${GROUP}`));
    expect(registry.process('t3')).toBeUndefined();
    supervise(running);
    await untilHealthy(running, running.groups[1]);
  });

  it('says what is missing when they do not come, and can be stopped while it waits', async () => {
    const running = tinyPlan();
    await expect(supervise(running, 'tiny/other', 300).running).rejects.toThrow(WaitDeadlineError);
    const { supervisor, running: ended } = supervise(running, 'tiny/other');
    await until('it waits', () => events.length > 1);
    supervisor.stop();
    await ended;
  });

  it('refuses a group that another one runs', async () => {
    const running = tinyPlan();
    supervise(running);
    await untilHealthy(running);
    const own = record('t1');
    await expect(supervise(running).running).rejects.toThrow(AlreadyRunningError);
    expect(record('t1')).toEqual(own);
  });
});

describe('a supervisor that is killed', () => {
  it('takes its processes with it, paused ones too', async () => {
    const running = tinyPlan();
    const script = join(here, '__fixtures__/supervise.mjs');
    const child = spawn(process.execPath, [script, '/', JSON.stringify(running), GROUP], { stdio: 'ignore' });
    await untilHealthy(running);
    const processes = [record('t1'), record('t2')];
    signalProcess(processes[0] as ProcessIdentity, 'SIGSTOP');
    child.kill('SIGKILL');
    await until('both gone', () => !processes.some(isAlive));
  });

  it('without that power, leaves them to the next one, which ends them by their records', async () => {
    const running = tinyPlan();
    const stray = spawn('sleep', ['600'], { stdio: 'ignore' });
    const identity = identify(stray.pid ?? -1) as ProcessIdentity;
    mkdirSync(layout.runDir(dataRoot), { recursive: true });
    const [t1] = running.groups[0]?.processes ?? [];
    if (t1 === undefined) throw new Error('no process planned');
    registry.recordProcess(t1, identity, 0);
    writeFileSync(layout.down(dataRoot, 't1'), '');
    supervise(running);
    await untilHealthy(running);
    expect(events[0]).toBe(`t1: process ${stray.pid} of an earlier start killed`);
    expect(isAlive(identity)).toBe(false);
    expect(existsSync(layout.down(dataRoot, 't1'))).toBe(false);
  });
});
