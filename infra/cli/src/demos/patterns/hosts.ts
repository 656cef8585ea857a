/** Hosts that come and go: killed, stopped in order, two of one name, one that lies; and all agents upgraded in turn. */
import { hostsPaths } from '@menagerie/platform-core';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { CreateMode } from '@menagerie/zookeeper-client';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';

const WAIT_MS = 90_000;
const SESSION_MS = 3_000;
const HOLD_MS = 1_000;
/** Beyond session and hold, for a busy machine. */
const SLACK_MS = 10_000;
const HOSTS = ['web1', 'web2', 'db1'];

interface HostView {
  readonly host: string;
  readonly state: string;
  readonly machine: {
    readonly version: string;
    readonly bootId: string;
    readonly cpu: number;
    readonly memory: number;
  } | null;
}

export const hosts: DemoOfItsOwn = {
  name: 'hosts',
  title: 'hosts are killed, stopped, cloned and lied about; then all their agents are upgraded one after the other',
  promises: [
    'a killed agent is lost after its session and the hold, one that stops in order is gone at once',
    'of two machines with one name the second waits, and says so; a node that speaks for another host is not believed',
    'orders to many hosts are answered by each; an order to one that is not there is refused',
    'a rolling upgrade restarts one agent at a time',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start({ sessionTimeoutMs: SESSION_MS });
    await play(stage, patterns);
  },
};

async function play({ mark, verify, signal }: DemoStage, patterns: TestPatterns): Promise<void> {
  const wait = { timeoutMs: WAIT_MS, signal, everyMs: 20 };
  const office = await patterns.service('hosts-console', 'console', { CONSOLE_HOLD_MS: String(HOLD_MS) });
  const agents = (await Promise.all(
    HOSTS.map((host) => patterns.service('hosts-agent', host, { AGENT_HOST: host, AGENT_FIGURES_MS: '500' })),
  )) as [TestService, TestService, TestService];
  const [web1, web2] = agents;
  for (const host of HOSTS) await office.put(`/hosts/${host}`);
  const view = async () => ((await office.get('/hosts')) as { hosts: HostView[] }).hosts;
  const stateOf = async (host: string) => (await view()).find((each) => each.host === host)?.state;
  const becomes = async (host: string, state: string) => {
    const beganMs = performance.now();
    await until(`${host} ${state}`, wait, async () => ((await stateOf(host)) === state ? true : undefined));
    return performance.now() - beganMs;
  };
  for (const host of HOSTS) await becomes(host, 'online');
  const figures = (await view()).map(({ host, machine }) => `${host} cpu ${machine?.cpu} memory ${machine?.memory}`);
  mark(`three hosts are online: ${figures.join(', ')}`);

  const answers = (await office.post('/hosts/commands', { hosts: HOSTS, verb: 'ping' })) as { result: string | null }[];
  const absent = await office.ask('POST', '/hosts/commands', { hosts: ['web9'], verb: 'ping' });
  await web1.process.end('SIGKILL');
  const lostMs = await becomes('web1', 'lost');
  mark(`kill -9 of the agent on web1: lost after ${(lostMs / 1_000).toFixed(1)} s`);
  await web1.process.start();
  const backMs = await becomes('web1', 'online');
  mark(`web1 is back: seen ${backMs.toFixed(0)} ms after it answered`);
  await office.put('/hosts/web2', { desired: 'retired' });
  await web2.process.end('SIGTERM');
  const goneMs = await becomes('web2', 'retired');
  mark(`web2 is retired and stops in order: gone ${goneMs.toFixed(0)} ms after its end`);
  await web2.process.start();
  await office.put('/hosts/web2', { desired: 'in-service' });
  await becomes('web2', 'online');

  const before = (await view()).find(({ host }) => host === 'db1')?.machine?.bootId;
  const clone = await patterns.service('hosts-agent', 'clone', { AGENT_HOST: 'db1', AGENT_FIGURES_MS: '500' });
  const clash = await until('the clash', wait, async () => {
    const health = (await clone.ask('GET', '/health')).body as { details?: { host?: { clash?: string } } };
    return health.details?.host?.clash;
  });
  const after = (await view()).find(({ host }) => host === 'db1')?.machine?.bootId;
  mark(`a second db1 waits: ${clash}`);
  await clone.process.end('SIGKILL');
  const lie = JSON.stringify({ ...((await view())[0]?.machine ?? {}), host: 'web1' });
  await patterns.zk.create(hostsPaths.machine('mallory'), lie, { mode: CreateMode.ephemeral });
  const liars = await until('the lie to be seen', wait, async () => {
    const { liars: seen } = (await office.get('/hosts')) as { liars: { node: string; why: string }[] };
    return seen.length > 0 ? seen : undefined;
  });
  const isBelieved = (await stateOf('mallory')) !== undefined;
  await patterns.zk.delete(hostsPaths.machine('mallory'));

  const supervised = supervise(agents);
  const upgrade = (await askPatiently(office, '/hosts/upgrades', { version: '1.1.0' })) as {
    upgraded: string[];
    stuck: string | null;
  };
  const { mostDown } = supervised.stop();
  const versions = (await view()).map(({ host, machine }) => `${host} ${machine?.version}`);
  mark(`rolling upgrade: ${upgrade.upgraded.join(', ')}; never more than ${mostDown} away`);

  verify(
    'a killed agent is lost after its session and the hold; one that stops is gone at once',
    lostMs < SESSION_MS * 1.5 + HOLD_MS + SLACK_MS && goneMs < lostMs,
    `killed: ${(lostMs / 1_000).toFixed(1)} s (session ${SESSION_MS / 1_000} s, hold ${HOLD_MS / 1_000} s); stopped: ${goneMs.toFixed(0)} ms`,
  );
  verify(
    'orders are answered by each host; one to nobody is refused',
    answers.every(({ result }) => result?.startsWith('pong') === true) && absent.body.code === 'HOSTS_UNKNOWN',
    `${answers.map(({ result }) => result).join(', ')}; ${absent.status} ${absent.body.message}`,
  );
  verify(
    'the second machine of a name changes nothing',
    before === after && before !== undefined,
    `db1 was and is boot ${after}`,
  );
  verify('a lie is not believed', !isBelieved, liars.map(({ node, why }) => `${node} ${why}`).join('; '));
  verify(
    'the agents were upgraded one at a time',
    upgrade.stuck === null && versions.every((text) => text.endsWith(' 1.1.0')) && mostDown === 1,
    `${versions.join(', ')}; at most ${mostDown} away`,
  );
}

/** What systemd would do: an agent that ends is started again. */
function supervise(agents: readonly TestService[]): { stop(): { mostDown: number } } {
  let mostDown = 0;
  const starting = new Set<TestService>();
  const timer = setInterval(() => {
    const down = agents.filter(({ process }) => process.pid === null);
    mostDown = Math.max(mostDown, new Set([...down, ...starting]).size);
    for (const agent of down.filter((each) => !starting.has(each))) {
      starting.add(agent);
      void agent.process
        .start()
        .catch(() => undefined)
        .finally(() => starting.delete(agent));
    }
  }, 20);
  return {
    stop: () => {
      clearInterval(timer);
      return { mostDown };
    },
  };
}

/** A rolling upgrade takes as long as all restarts. */
async function askPatiently(office: TestService, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${office.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(240_000),
  });
  return await response.json();
}
