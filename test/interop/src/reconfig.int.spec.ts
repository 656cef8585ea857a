/** The members of a running ensemble change, of ours and of both kinds, and nobody who writes or reads is wronged. */
import { readFileSync } from 'node:fs';
import {
  allocatePorts,
  engineAvailable,
  RECONFIGURABLE,
  releasePort,
  serverMode,
  startTestEnsemble,
  waitFor,
  type Engine,
  type TestEnsemble,
  type TestEnsembleOptions,
  type TestServer,
} from '@menagerie/zookeeper-testing';
import { clientOf, digestsInCommon, treeOf, WritingLoad } from '@menagerie/zookeeper-witness';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isExtended, leftOut } from './extended.js';

const { available: hasApache, reason } = engineAvailable('apache');
// Skipped where Apache ZooKeeper is not installed (`npm test` installs it as root on Debian); the reason is in the title.
const where = hasApache ? '' : ` (skipped: ${reason})`;

async function ensembleOf(options: TestEnsembleOptions): Promise<TestEnsemble> {
  const ensemble = await startTestEnsemble({ ...options, config: { ...RECONFIGURABLE, ...options.config } });
  onTestFinished(() => ensemble.close());
  return ensemble;
}

async function loadOn(ensemble: TestEnsemble): Promise<WritingLoad> {
  const load = await WritingLoad.start(ensemble.connectString, '/load');
  onTestFinished(() => load.close());
  return load;
}

const linesOf = (...servers: TestServer[]): string => servers.map((server) => server.memberLine()).join(',');

async function becomes(server: TestServer, ...modes: string[]): Promise<void> {
  const what = `server ${server.id} to be ${modes.join(' or ')}`;
  await waitFor(async () => modes.includes((await server.mode()) ?? ''), { timeoutMs: 30_000, what });
}

async function configOn(server: TestServer): Promise<string> {
  const client = await clientOf(server.address);
  try {
    await client.sync('/zookeeper/config');
    return (await client.getData('/zookeeper/config')).data.toString('utf8');
  } finally {
    await client.close();
  }
}

async function sameEverywhere(servers: readonly TestServer[], load: WritingLoad): Promise<void> {
  expect(await load.end()).toMatchObject({ sessionKept: true, ephemeralKept: true, wrongAnswers: [] });
  for (const server of servers) expect((await load.judge(server)).missing).toEqual([]);
  const { digests } = await digestsInCommon(servers);
  expect(digests.size).toBe(1);
  const [first, ...rest] = await Promise.all(servers.map(treeOf));
  for (const tree of rest) expect(tree).toEqual(first);
}

describe('an ensemble that is reconfigured under a writing client', () => {
  it('grows from 5 voters and 2 observers to 7 voters, loses one to kill -9, and shrinks to 3', async () => {
    const ensemble = await ensembleOf({ servers: 7, observers: [6, 7] });
    const load = await loadOn(ensemble);
    await ensemble.reconfigure({ joiningServers: linesOf(ensemble.server(6), ensemble.server(7)) });
    for (const id of [6, 7]) await becomes(ensemble.server(id), 'follower', 'leader');
    await load.more();
    const leader = await ensemble.waitForLeader();
    await ensemble.kill(leader.id);
    await load.more();
    await ensemble.start(leader.id);
    await ensemble.reconfigure({ leavingServers: '4,5,6,7' });
    const left = [1, 2, 3].map((id) => ensemble.server(id));
    for (const server of left) await becomes(server, 'follower', 'leader');
    for (const id of [4, 5, 6, 7]) await ensemble.stop(id);
    await load.more(150);
    await sameEverywhere(left, load);
  });

  it('takes a new server in, lets the leader go, and its clients notice nothing', async () => {
    const ensemble = await ensembleOf({ servers: 3 });
    const load = await loadOn(ensemble);
    const newcomer = await ensemble.add();
    await ensemble.start(newcomer.id);
    expect(await newcomer.mode()).toBe('follower');
    await ensemble.reconfigure({ joiningServers: newcomer.memberLine() });
    const leader = await ensemble.waitForLeader();
    const config = await ensemble.reconfigure({ leavingServers: String(leader.id) });
    expect(config).not.toContain(`server.${leader.id}=`);
    const left = ensemble.servers.filter(({ id }) => id !== leader.id);
    await waitFor(() => leads(left), { timeoutMs: 30_000, what: 'one of those that are left to lead' });
    await ensemble.stop(leader.id);
    await load.more(150);
    await sameEverywhere(left, load);
  });

  it.runIf(isExtended)(`turns voters into observers and back, the leader too${leftOut}`, async () => {
    const ensemble = await ensembleOf({ servers: 4 });
    const load = await loadOn(ensemble);
    const leader = await ensemble.waitForLeader();
    await ensemble.reconfigure({ joiningServers: leader.memberLine('observer') });
    await becomes(leader, 'observer');
    await load.more();
    await ensemble.reconfigure({ joiningServers: leader.memberLine('participant') });
    await becomes(leader, 'follower', 'leader');
    await load.more(150);
    await sameEverywhere(ensemble.servers, load);
  });

  it('moves a client port and the ports of the leader, live', async () => {
    const ensemble = await ensembleOf({ servers: 3 });
    const load = await loadOn(ensemble);
    const leader = await ensemble.waitForLeader();
    const [client, quorum, election] = (await allocatePorts(3)) as [number, number, number];
    onTestFinished(() => [client, quorum, election].forEach(releasePort));
    const { host } = leader;
    await ensemble.reconfigure({
      joiningServers: `server.${leader.id}=${host}:${quorum}:${election}:participant;${host}:${client}`,
    });
    // Another leads in its place, or, on a machine so busy that it is late, whoever wins an election: itself perhaps.
    await waitFor(async () => (await serverMode(host, client)) !== null, {
      timeoutMs: 30_000,
      what: 'the former leader to serve at its new client port',
    });
    expect(await serverMode(host, leader.clientPort)).toBeNull();
    await load.more();
    // Its election port, too: with one of the others gone it takes the moved one to elect a leader.
    const others = ensemble.servers.filter(({ id }) => id !== leader.id);
    await ensemble.kill(others[0]!.id);
    await load.more();
    expect(await load.end()).toMatchObject({ sessionKept: true, wrongAnswers: [] });
  });

  it('keeps its members over a restart of all servers, in the files that Apache has', async () => {
    const ensemble = await ensembleOf({ servers: 4 });
    const config = await ensemble.reconfigure({ leavingServers: '4' });
    const version = /version=([0-9a-f]+)$/.exec(config)![1]!;
    await ensemble.stop(4);
    const left = [1, 2, 3].map((id) => ensemble.server(id));
    for (const server of left) {
      await waitFor(async () => (await configOn(server)) === config, { timeoutMs: 20_000, what: 'the new members' });
      const text = readFileSync(server.configPath, 'utf8');
      expect(text).toContain(`dynamicConfigFile=${server.configPath}.dynamic.${version}\n`);
      expect(text).not.toMatch(/^server\./m);
      const dynamic = readFileSync(`${server.configPath}.dynamic.${version}`, 'utf8');
      expect(dynamic).toBe(left.map((each) => each.memberLine()).join('\n'));
      expect(readFileSync(`${server.configPath}.bak`, 'utf8')).toContain('server.4=');
    }
    for (const { id } of left) await ensemble.kill(id);
    for (const { id } of left) ensemble.launch(id);
    for (const server of left) await server.serving(30_000);
    expect(await configOn(left[0]!)).toBe(config);
  });
});

async function leads(servers: readonly TestServer[]): Promise<boolean> {
  return (await Promise.all(servers.map((server) => server.mode()))).includes('leader');
}

const mixed: [string, Engine[], Engine][] = [
  ['two of theirs and one of ours, one of ours joins', ['apache', 'apache', 'menagerie'], 'menagerie'],
  ['two of ours and one of theirs, one of theirs joins', ['menagerie', 'menagerie', 'apache'], 'apache'],
];

describe.skipIf(!hasApache)(`an ensemble of both kinds is reconfigured${where}`, () => {
  it.each(isExtended ? mixed : mixed.slice(-1))('%s, and the leader leaves', async (_, engines, joining) => {
    const ensemble = await ensembleOf({ servers: 3, engine: engines });
    const load = await loadOn(ensemble);
    const newcomer = await ensemble.add(joining);
    await ensemble.start(newcomer.id);
    await ensemble.reconfigure({ joiningServers: newcomer.memberLine() });
    const leader = await ensemble.waitForLeader();
    const config = await ensemble.reconfigure({ leavingServers: String(leader.id) });
    const left = ensemble.servers.filter(({ id }) => id !== leader.id);
    await waitFor(() => leads(left), { timeoutMs: 30_000, what: 'one of those that are left to lead' });
    await ensemble.stop(leader.id);
    await load.more(150);
    for (const server of left) expect(await configOn(server)).toBe(config);
    await sameEverywhere(left, load);
  });
});
