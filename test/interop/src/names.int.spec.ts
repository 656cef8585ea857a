/**
 * Servers that know each other by name, and a name that moves (ZOOKEEPER-1506, 2184): each has a hosts file in place of the
 * machine's, in a mount namespace of its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { allocatePorts, releasePort, serverMode, waitFor } from '@menagerie/zookeeper-testing';
import { expect, it, onTestFinished } from 'vitest';

const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;
const PROGRAM = new URL('../../../bin/zk-server', import.meta.url).pathname;
const IDS = [1, 2, 3];

class NamedEnsemble {
  readonly #folder = mkdtempSync(join(tmpdir(), 'menagerie-names-'));
  readonly #processes = new Map<number, ReturnType<typeof spawn>>();

  constructor(private readonly ports: readonly number[]) {
    onTestFinished(async () => {
      await Promise.all(IDS.map((id) => this.stop(id)));
      rmSync(this.#folder, { recursive: true, force: true });
    });
    for (const id of IDS) {
      const dataDir = join(this.#folder, String(id));
      mkdirSync(dataDir);
      writeFileSync(join(dataDir, 'myid'), String(id));
      const members = IDS.map(
        (other) => `server.${other}=zk${other}.test:${this.port(other, 0)}:${this.port(other, 1)}`,
      );
      const lines = [
        `dataDir=${dataDir}`,
        'tickTime=200',
        'initLimit=20',
        'syncLimit=10',
        'preAllocSize=64',
        ...members,
      ];
      const own = [`clientPort=${this.port(id, 2)}`, 'clientPortAddress=127.0.0.1'];
      writeFileSync(join(dataDir, 'zoo.cfg'), [...lines, ...own].join('\n'));
    }
  }

  /** All servers see it at once: it is the same file under three names. */
  resolve(addresses: Readonly<Record<number, string>>): void {
    const lines = Object.entries(addresses).map(([id, address]) => `${address} zk${id}.test`);
    writeFileSync(this.#hosts, `127.0.0.1 localhost\n${lines.join('\n')}\n`);
  }

  start(id: number): void {
    const script = 'mount --bind "$1" /etc/hosts && exec "$2" --log-level error "$3"';
    const args = [this.#hosts, PROGRAM, join(this.#folder, String(id), 'zoo.cfg')];
    const child = spawn('unshare', ['--mount', 'setpriv', '--pdeathsig', 'KILL', 'sh', '-c', script, 'sh', ...args], {
      stdio: 'ignore',
    });
    this.#processes.set(id, child);
  }

  async stop(id: number): Promise<void> {
    const child = this.#processes.get(id);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Until the server is this, or serves at all. */
  async serving(id: number, as?: string): Promise<void> {
    const mode = async (): Promise<boolean> => {
      const found = await serverMode('127.0.0.1', this.port(id, 2));
      return as === undefined ? found !== null : found === as;
    };
    await waitFor(mode, { timeoutMs: 30_000, what: `server ${id} to be ${as ?? 'serving'}` });
  }

  address(id: number): string {
    return `127.0.0.1:${this.port(id, 2)}`;
  }

  port(id: number, which: 0 | 1 | 2): number {
    return this.ports[3 * (id - 1) + which]!;
  }

  get #hosts(): string {
    return join(this.#folder, 'hosts');
  }
}

it.skipIf(!canMount)(
  `a server whose name moves is found at its new address, as a follower and as the leader${canMount ? '' : ' (skipped: unshare --mount is not allowed)'}`,
  async () => {
    const ports = await allocatePorts(9);
    onTestFinished(() => ports.forEach(releasePort));
    const ensemble = new NamedEnsemble(ports);
    ensemble.resolve({ 1: '127.0.0.1', 2: '127.0.0.1', 3: '127.0.0.1' });
    for (const id of IDS) ensemble.start(id);
    await Promise.all(IDS.map((id) => ensemble.serving(id)));
    // Whoever leads first: 3 goes, one of the others leads, and 3 comes back elsewhere as a follower.
    await ensemble.stop(3);
    await Promise.all([1, 2].map((id) => ensemble.serving(id)));
    ensemble.resolve({ 1: '127.0.0.1', 2: '127.0.0.1', 3: '127.0.0.3' });
    ensemble.start(3);
    await ensemble.serving(3, 'follower');
    // Its id is the highest of two equals: 1 has to dial it where it is now, on both ports.
    await ensemble.stop(2);
    await ensemble.serving(3, 'leader');
    await ensemble.serving(1, 'follower');
    const client = await ZooKeeper.connect({ connect: ensemble.address(1), sessionTimeoutMs: 8000 });
    onTestFinished(async () => void (await client[Symbol.asyncDispose]()));
    expect(await client.create('/moved', 'x')).toMatchObject({ path: '/moved' });
  },
  90_000,
);
