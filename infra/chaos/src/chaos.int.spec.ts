/** The faults, on real processes under a real supervisor. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  isAlive,
  isPaused,
  plan,
  type Plan,
  probe,
  probeGroup,
  type ProbeResult,
  Registry,
  Supervisor,
  findProcess,
  waitFor,
} from '@menagerie/topology';
import { type StateChange, ZooKeeper } from '@menagerie/zookeeper-client';
import { allocatePorts, apacheAvailable, menagerieAvailable, startTestEnsemble } from '@menagerie/zookeeper-testing';

import { Chaos } from './chaos.js';
import { ChaosErrorCode } from './errors.js';
import { whyNoFilter } from './filter/packet-filter.js';
import { formatSessionId } from './session/expire-session.js';

const GROUP = 'members';
const WAIT = { timeoutMs: 20_000, everyMs: 20 };

let dataRoot: string;
let running: Plan;
let chaos: Chaos;
let registry: Registry;
let supervisor: Supervisor;
let ended: Promise<void>;
let zkConnect = '';

beforeEach(async () => {
  dataRoot = mkdtempSync(join(tmpdir(), 'menagerie-chaos-'));
  await startMembers();
});

afterEach(async () => {
  chaos.healAll();
  supervisor.stop();
  await ended;
  rmSync(dataRoot, { recursive: true, force: true });
});

/** Two members, each linked to the other. */
async function startMembers(): Promise<void> {
  const [http1 = 0, link1 = 0, http2 = 0, link2 = 0] = await allocatePorts(4);
  running = plan(
    {
      groups: [
        {
          name: GROUP,
          title: GROUP,
          project: GROUP,
          program: join(import.meta.dirname, '__fixtures__/member.mjs'),
          replicas: [
            { id: 'm1', ports: { http: http1, link: link1 } },
            { id: 'm2', ports: { http: http2, link: link2 } },
          ],
          waitsFor: [],
          enough: 2,
          probe: { kind: 'http', port: 'http', path: '/health' },
          environment: (place) => ({
            HTTP_PORT: String(place.port('http')),
            LINK_PORT: String(place.port('link')),
            PEER_PORT: String(place.replica.id === 'm1' ? link2 : link1),
            SESSION_FILE: join(dataRoot, 'session'),
          }),
        },
      ],
    },
    { dataRoot, portOffset: 0, ...(zkConnect === '' ? {} : { zkConnect }) },
  );
  registry = new Registry(dataRoot);
  chaos = new Chaos(running);
  const options = { plan: running, group: GROUP, root: '/', print: () => undefined, verbose: false, waitMs: 1000 };
  supervisor = new Supervisor(options);
  ended = supervisor.run();
  await untilHealthy();
}

async function untilHealthy(): Promise<void> {
  const [group] = running.groups;
  if (group === undefined) throw new Error('no group');
  await waitFor('members healthy', () => probeGroup(running, group), WAIT);
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const ask = async (): Promise<ProbeResult> =>
    (await holds()) ? { healthy: true } : { healthy: false, reason: 'not yet' };
  await waitFor(what, ask, WAIT);
}

/** The reason of a skip stands in the title. */
function because(why: string | undefined): string {
  return why === undefined ? '' : ` (skipped: ${why})`;
}

async function received(id: string): Promise<number> {
  const { host, ports } = findProcess(running, id);
  const answer = (await (await fetch(`http://${host}:${ports['http']}/`)).json()) as { received: number };
  return answer.received;
}

describe('kill', () => {
  it('ends the process and keeps it down until restart', async () => {
    const killed = await chaos.kill('m1');
    expect(isAlive(killed)).toBe(false);
    await expect(chaos.kill('m1')).rejects.toMatchObject({ message: 'm1 is held down already' });
    const fresh = await chaos.restart('m1');
    expect(fresh.pid).not.toBe(killed.pid);
    await untilHealthy();
  });

  it('never touches a process that the record does not name exactly', async () => {
    const record = registry.process('m1');
    if (record === undefined) throw new Error('no record');
    registry.recordProcess(findProcess(running, 'm1'), { pid: record.pid, startTime: 'another boot:1' }, 0);
    await expect(chaos.kill('m1')).rejects.toMatchObject({ code: ChaosErrorCode.notRunning });
    expect(isAlive(record)).toBe(true);
  });
});

describe('pause and resume', () => {
  it('stop a process without ending it, and let it go on', async () => {
    const paused = await chaos.pause('m1');
    expect(isPaused(paused)).toBe(true);
    expect((await probe(findProcess(running, 'm1'))).healthy).toBe(false);
    await chaos.resume('m1');
    await untilHealthy();
    expect(registry.process('m1')?.pid).toBe(paused.pid);
    await expect(chaos.resume('m1')).rejects.toMatchObject({ code: ChaosErrorCode.already });
  });
});

describe('restart', () => {
  it('of a running process gives a new one, also when it was paused', async () => {
    const { pid } = await chaos.pause('m1');
    expect((await chaos.restart('m1')).pid).not.toBe(pid);
  });

  it('without a supervisor says that nobody would start it', async () => {
    supervisor.stop();
    await ended;
    await expect(chaos.restart('m1')).rejects.toMatchObject({ code: ChaosErrorCode.noSupervisor });
  });
});

describe('partition', () => {
  const why = whyNoFilter();
  it.skipIf(why !== undefined)(`cuts links old and new, and only until it is healed${because(why)}`, async () => {
    await until('m2 hears m1', async () => (await received('m2')) > 0);
    chaos.partition('m1');
    const heard = await received('m2');
    // A probe opens a new connection; it fails only after some seconds of silence.
    expect((await probe(findProcess(running, 'm1'))).healthy).toBe(false);
    expect(await received('m2')).toBe(heard);
    expect((await probe(findProcess(running, 'm2'))).healthy).toBe(true);
    chaos.heal('m1');
    await untilHealthy();
    await until('m2 hears m1 again', async () => (await received('m2')) > heard);
    expect(() => chaos.heal('m1')).toThrow('m1 is not cut off');
  });

  if (why !== undefined) {
    it('that is not possible here is refused with what is missing', () => {
      expect(() => chaos.partition('m1')).toThrow(why);
    });
  }
});

describe('restore', () => {
  it('takes back whatever is in force', async () => {
    await chaos.kill('m1');
    await chaos.pause('m2');
    await chaos.restore();
    await untilHealthy();
  });
});

describe('expire', () => {
  it('of a process that names no session is refused', async () => {
    await expect(chaos.expire('m1')).rejects.toMatchObject({ code: ChaosErrorCode.noSession });
  });

  const engine = menagerieAvailable().available ? 'menagerie' : 'apache';
  const engineMissing = engine === 'apache' && !apacheAvailable().available ? apacheAvailable().reason : undefined;
  it.skipIf(engineMissing !== undefined)(
    `ends the sessions that the process names${because(engineMissing)}`,
    async () => {
      await using ensemble = await startTestEnsemble({ engine });
      chaos.healAll();
      supervisor.stop();
      await ended;
      zkConnect = ensemble.connectString;
      await startMembers();
      zkConnect = '';
      const client = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 5_000 });
      const changes: StateChange[] = [];
      client.on('state', (change) => changes.push(change));
      const id = client.session?.id ?? 0n;
      writeFileSync(join(dataRoot, 'session'), formatSessionId(id));
      expect(await chaos.expire('m1')).toEqual([formatSessionId(id)]);
      await until('the client knows', () => changes.some(({ state }) => state === 'lost'));
      expect(changes.find(({ state }) => state === 'lost')).toMatchObject({ reason: 'expired', sessionId: id });
      await expect(chaos.expire('m1')).rejects.toMatchObject({ code: ChaosErrorCode.noSession });
      await client.close();
    },
  );
});
