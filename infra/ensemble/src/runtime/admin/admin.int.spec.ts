/** What scripts and scrapers parse, in the form that Apache ZooKeeper 3.8 gives it. */
import { CreateMode, ZooKeeper } from '@menagerie/zookeeper-client';
import { fourLetterWord } from '@menagerie/zookeeper-testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configs, embed } from '../__fixtures__/servers.js';

async function served() {
  const [config] = await configs(1);
  const { server } = await embed(config!);
  const client = await ZooKeeper.connect({ connect: `127.0.0.1:${server.clientPort}`, sessionTimeoutMs: 4000 });
  onTestFinished(async () => void (await client[Symbol.asyncDispose]()));
  await client.create('/a', 'x', { mode: CreateMode.ephemeral });
  await client.getData('/a', { watch: () => undefined });
  const ask = (word: string) => fourLetterWord('127.0.0.1', server.clientPort, word);
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${config!.admin.address.port}${path}`)).text();
  return { ask, get, sessionId: client.session!.id.toString(16) };
}

describe('four-letter words', () => {
  it('tell what Apache tells, line by line', async () => {
    const { ask, sessionId } = await served();
    expect(await ask('ruok')).toBe('imok');
    expect(await ask('isro')).toBe('rw');
    expect(await ask('srvr')).toMatch(
      /^Zookeeper version: 3\.8\.0-\S+, built on .*\nLatency min\/avg\/max: \d+\/\d+\.\d+\/\d+\nReceived: \d+\nSent: \d+\nConnections: 2\nOutstanding: 0\nZxid: 0x2\nMode: standalone\nNode count: 6\n$/,
    );
    expect(await ask('stat')).toMatch(
      /\nClients:\n( \/127\.0\.0\.1:\d+\[[01]\]\(queued=0,recved=\d+,sent=\d+\)\n){2}\nLatency/,
    );
    expect(await ask('cons')).toContain(`sid=0x${sessionId},lop=GETD,est=`);
    expect(await ask('wchs')).toBe('1 connections watching 1 paths\nTotal watches:1\n');
    expect(await ask('wchp')).toBe(`/a\n\t0x${sessionId}\n\n`);
    expect(await ask('dump')).toContain(`Sessions with Ephemerals (1):\n0x${sessionId}:\n\t/a\n`);
    expect(await ask('mntr')).toMatch(/^zk_version\t3\.8\.0-\S+, built on .*\nzk_server_state\tstandalone\n/);
    expect(await ask('mntr')).toMatch(/\nzk_znode_count\t6\n/);
  });
});

describe('the AdminServer', () => {
  it('answers commands as JSON with 64-bit numbers whole, and Prometheus under the same names', async () => {
    const { get, sessionId } = await served();
    expect(JSON.parse(await get('/commands/ruok'))).toEqual({ command: 'ruok', error: null });
    expect(JSON.parse(await get('/commands/nonsense'))).toEqual({
      command: 'nonsense',
      error: 'Unknown command: nonsense',
    });
    expect(await get('/commands/connections')).toContain(`"session_id" : ${BigInt(`0x${sessionId}`)}`);
    expect(await get('/metrics')).toMatch(/# TYPE znode_count gauge\nznode_count 6\n/);
  });
});
