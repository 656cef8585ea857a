/** Console and agents as processes: two machines of one name, one that lies, orders to nobody. */
import { hostsPaths } from '@menagerie/platform-core';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { CreateMode } from '@menagerie/zookeeper-client';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let patterns: TestPatterns;
let office: TestService;

beforeAll(async () => {
  patterns = await TestPatterns.start({ servers: 1 });
  const agent = { AGENT_HOST: 'web1', AGENT_FIGURES_MS: '200' };
  [office] = (await Promise.all([
    patterns.service('hosts-console', 'console'),
    patterns.service('hosts-agent', 'first', agent),
  ])) as [TestService, TestService];
});
afterAll(() => patterns?.close());

const wait = (what: string) => ({ timeoutMs: 30_000, what });
const hostsNow = async () =>
  (await office.get('/hosts')) as { hosts: { host: string; machine: { bootId: string } | null }[] };

describe('hosts', () => {
  it('the second machine of a name is told so, and the first stays', async () => {
    const first = await waitFor(async () => (await hostsNow()).hosts[0]?.machine?.bootId, wait('the first'));
    const second = await patterns.service('hosts-agent', 'second', { AGENT_HOST: 'web1', AGENT_FIGURES_MS: '200' });
    const clash = await waitFor(
      async () => (await second.ask('GET', '/health')).body.details.host.clash as string | undefined,
      wait('the clash'),
    );
    expect(clash).toContain(first);
    expect((await hostsNow()).hosts[0]?.machine?.bootId).toBe(first);
  });

  it('a node that speaks for another host is shown as a lie and is no host', async () => {
    const { data } = await patterns.zk.getData(hostsPaths.machine('web1'));
    for (const [node, text] of [
      ['mallory', data.toString()],
      ['noise', 'not json'],
    ] as const) {
      await patterns.zk.create(hostsPaths.machine(node), text, { mode: CreateMode.ephemeral });
    }
    const liars = await waitFor(async () => {
      const seen = ((await office.get('/hosts')) as { liars: { node: string; why: string }[] }).liars;
      return seen.length === 2 ? seen : null;
    }, wait('both lies'));
    expect(liars).toEqual([
      { node: 'mallory', why: 'says that it is web1' },
      { node: 'noise', why: 'not what an agent writes' },
    ]);
    expect((await hostsNow()).hosts.map(({ host }) => host)).toEqual(['web1']);
  });

  it('an order to a host that is not there is refused before anybody is ordered', async () => {
    const { status, body } = await office.ask('POST', '/hosts/commands', { hosts: ['web1', 'web9'], verb: 'drain' });
    expect(`${status} ${body.code} ${body.message}`).toBe(
      '404 HOSTS_UNKNOWN expected a host that is there, got "web9"',
    );
    const lied = await office.ask('POST', '/hosts/commands', { hosts: ['web1', 'mallory'], verb: 'drain' });
    expect(`${lied.status} ${lied.body.code} ${lied.body.message}`).toBe(
      '403 HOSTS_NOT_YOURS expected mallory itself; its node says that it is web1',
    );
    expect(await patterns.zk.exists(hostsPaths.command('web1'))).toBeNull();
    const nonsense = await office.ask('POST', '/hosts/commands', { hosts: ['web1'], verb: 'explode' });
    expect(nonsense.body.code).toBe('PATTERN_BAD_REQUEST');
  });
});
