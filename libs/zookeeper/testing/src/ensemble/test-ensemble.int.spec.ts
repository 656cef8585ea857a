import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fourLetterWord } from '../four-letter-word.js';
import { waitFor } from '../wait-for.js';
import { engineAvailable, type Engine } from './engines.js';
import { startTestEnsemble, type TestEnsemble } from './test-ensemble.js';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const patience = (what: string) => ({ timeoutMs: 60_000, what });

/** A process which starts a server, says so, and is then left to the test. */
async function holderOfAServer(engine: Engine) {
  const module = join(import.meta.dirname, '..', '..', 'dist', 'index.js');
  const script = `
    const { startTestEnsemble } = await import(${JSON.stringify(module)});
    const ensemble = await startTestEnsemble({ engine: ${JSON.stringify(engine)} });
    const { pid, dataDir } = ensemble.servers[0];
    console.log(JSON.stringify({ serverPid: pid, dataDir }));
    setInterval(() => 0, 1000);
    process.on('SIGUSR2', () => { throw new Error('a test with a fault'); });
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(holder.stdout!, 'data')) as [Buffer];
  const { serverPid, dataDir } = JSON.parse(line.toString()) as { serverPid: number; dataDir: string };
  return { holder, serverPid, dataDir };
}

for (const engine of ['apache', 'menagerie'] satisfies Engine[]) {
  const { available, reason } = engineAvailable(engine);

  describe.skipIf(!available)(`an ensemble of ${engine}${available ? '' : ` (skipped: ${reason})`}`, () => {
    let ensemble: TestEnsemble;
    beforeAll(async () => {
      ensemble = await startTestEnsemble({ servers: 3, engine });
    }, 120_000);
    afterAll(() => ensemble?.close());

    it('serves on all its addresses, with one leader', async () => {
      const modes = await Promise.all(ensemble.servers.map((server) => server.mode()));
      expect([...modes].sort()).toEqual(['follower', 'follower', 'leader']);
      expect(ensemble.connectString.split(',')).toEqual(ensemble.servers.map(({ address }) => address));
      const { host, clientPort } = ensemble.servers[0]!;
      expect(await fourLetterWord(host, clientPort, 'ruok')).toBe('imok');
    });

    it('elects another leader when one is killed, and takes the killed one back', async () => {
      const leader = await ensemble.waitForLeader();
      await ensemble.kill(leader.id);
      expect(leader.running).toBe(false);
      const next = await ensemble.waitForLeader();
      expect(next.id).not.toBe(leader.id);
      await ensemble.start(leader.id);
      expect(await leader.mode()).toBe('follower');
    });

    it('pauses a server without ending its connections, and resumes it', async () => {
      const follower = await waitFor(async () => {
        for (const server of ensemble.servers) if ((await server.mode()) === 'follower') return server;
        return null;
      }, patience('a follower'));
      ensemble.pause(follower.id);
      await expect(fourLetterWord(follower.host, follower.clientPort, 'ruok', 200)).rejects.toMatchObject({
        code: 'TESTKIT_TIMEOUT',
      });
      expect(follower.running).toBe(true);
      ensemble.resume(follower.id);
      await waitFor(async () => (await follower.mode()) === 'follower', patience('the follower to be back'));
    });

    it('stops a server in good order', async () => {
      const { id } = ensemble.servers[2]!;
      await ensemble.stop(id);
      expect(ensemble.server(id).running).toBe(false);
      await ensemble.start(id);
    });

    it('leaves no process, no folder and no claim behind', async () => {
      const short = await startTestEnsemble({ engine });
      const [server] = short.servers;
      const { pid, dataDir } = server!;
      await short.close();
      expect(isAlive(pid!)).toBe(false);
      expect(existsSync(dirname(dataDir))).toBe(false);
    });

    it.each([
      ['fails', 'SIGUSR2'],
      ['is interrupted', 'SIGINT'],
      ['is killed', 'SIGKILL'],
    ] as const)('does not outlive a test that %s', async (_what, signal) => {
      const { holder, serverPid, dataDir } = await holderOfAServer(engine);
      expect(isAlive(serverPid)).toBe(true);
      holder.kill(signal);
      await waitFor(() => !isAlive(serverPid), patience('the server to end'));
      rmSync(dirname(dataDir), { recursive: true, force: true });
    });

    it('says in a line why a server does not come up', async () => {
      const starting = startTestEnsemble({ engine, config: { tickTime: 'nonsense' } });
      await expect(starting).rejects.toMatchObject({ code: 'TESTKIT_SERVER_EXITED' });
      await expect(starting).rejects.toThrow(/server 1 \(\w+\) ended: exit code \d+; its last words:/);
    });
  });
}

it('refuses what can not be meant', async () => {
  await expect(startTestEnsemble({ servers: 3, engine: ['apache'] })).rejects.toMatchObject({ code: 'TESTKIT_MISUSE' });
});
