/** Servers in the test's own process, as people outside use them: with the client, and with failures. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { CreateMode, ZooKeeper } from '@menagerie/zookeeper-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../wait-for.js';
import { startTestEnsemble, type TestEnsembleOptions } from './test-ensemble.js';

const patience = (what: string) => ({ timeoutMs: 30_000, what });

async function start(options: TestEnsembleOptions) {
  const ensemble = await startTestEnsemble(options);
  onTestFinished(() => ensemble.close());
  const client = async (address = ensemble.connectString) => {
    const made = await ZooKeeper.connect({ connect: address, sessionTimeoutMs: 5_000 });
    onTestFinished(async () => void (await made.close()));
    return made;
  };
  return { ensemble, client };
}

describe('an embedded ensemble', () => {
  it('serves alone, and gives its port and folder back', async () => {
    const { ensemble, client } = await start({});
    await (await client()).create('/a', 'x');
    expect(await ensemble.leader()).toBe(ensemble.servers[0]);
    await ensemble.close();
    const { host, clientPort } = ensemble.servers[0]!;
    const [error] = (await once(connect(clientPort, host), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('elects another leader when one is killed, keeps sessions, and takes the killed one back', async () => {
    const { ensemble, client } = await start({ servers: 3, seed: 7 });
    const connected = await client();
    await connected.create('/mine', '', { mode: CreateMode.ephemeral });
    const { id } = connected.session!;
    const killed = await ensemble.killLeader();
    const next = await waitFor(async () => {
      const leader = await ensemble.leader();
      return leader === killed ? null : leader;
    }, patience('another leader'));
    expect(next.id).not.toBe(killed.id);
    await waitFor(() => connected.exists('/mine'), patience('the client to be back'));
    expect(connected.session?.id).toBe(id);
    await ensemble.start(killed.id);
    await connected.sync('/');
    const returned = await client(killed.address);
    expect(await returned.exists('/mine')).not.toBeNull();
  });

  it('keeps its data over a restart', async () => {
    const { ensemble, client } = await start({});
    await (await client()).create('/kept', 'x');
    await ensemble.kill(1);
    await ensemble.start(1);
    expect((await (await client()).getData('/kept')).data.toString()).toBe('x');
  });

  it('ends a session on request, and has links that fail', async () => {
    const { ensemble, client } = await start({});
    const link = await ensemble.link();
    const connected = await client(link.address);
    link.cut();
    await waitFor(() => connected.state === 'suspended', patience('the cut to be noticed'));
    link.heal();
    await waitFor(() => connected.state === 'connected', patience('the link to be whole'));
    const { id, password } = connected.session!;
    await ensemble.expireSession(id, password);
    await waitFor(() => connected.session?.generation === 2, patience('a second session'));
  });

  it('makes the same choices with the same seed', async () => {
    const choices = async (seed: number): Promise<number[]> => {
      await using ensemble = await startTestEnsemble({ seed });
      return Array.from({ length: 5 }, () => ensemble.random());
    };
    expect(await choices(1)).toEqual(await choices(1));
    expect(await choices(2)).not.toEqual(await choices(1));
  });

  it('refuses to be stopped with its test still running, and says what can be', async () => {
    const { ensemble } = await start({});
    expect(() => ensemble.pause(1)).toThrow(/engine: 'menagerie'/);
    expect(ensemble.servers[0]!.paused).toBe(false);
  });

  it('says why a server does not come up', async () => {
    const starting = startTestEnsemble({ config: { tickTime: 'soon' } });
    await expect(starting).rejects.toMatchObject({ code: 'TESTKIT_SERVER_EXITED' });
    await expect(starting).rejects.toThrow(/tickTime/);
  });
});
