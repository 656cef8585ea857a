import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { CreateMode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { fourLetterWord } from '@menagerie/zookeeper-testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configs, embed, embedAll, until, type EmbeddedServer } from '../__fixtures__/servers.js';
import { StorageFailedError } from '../errors.js';

const mountTmpfs = (directory: string, size: string): void => {
  const isMounted = spawnSync('mountpoint', ['-q', directory]).status === 0;
  const options = isMounted ? `remount,size=${size}` : `size=${size}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]);
  if (!isMounted) onTestFinished(() => void spawnSync('umount', ['-l', directory]));
};
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
const whyNot = canMount ? '' : '(skipped: a small disk is a tmpfs, which takes root to mount)';

async function clientOf(...servers: EmbeddedServer[]): Promise<ZooKeeperClient> {
  const hosts = servers.map(({ server }) => `127.0.0.1:${server.clientPort}`);
  const client = await ZooKeeper.connect({ connect: hosts.join(','), sessionTimeoutMs: 4000 });
  onTestFinished(async () => void (await client[Symbol.asyncDispose]()));
  return client;
}

describe('servers embedded in one process', () => {
  it('elect, serve, lose their leader, serve on, take it back, and hold the same state', async () => {
    const all = await configs(3);
    const servers = await embedAll(all);
    const client = await clientOf(...servers);
    await client.create('/before', 'x');
    const leader = servers.find(({ server }) => server.describe().state === 'leading')!;
    await leader.server.close();
    expect(await leader.server.stopped).toBeNull();
    await until('another leads', () =>
      servers.some(({ server }) => server !== leader.server && server.describe().state === 'leading'),
    );
    await client.create('/after', 'y');
    const back = await embed(leader.config);
    const running = [back, ...servers.filter((one) => one !== leader)];
    await until('it follows', () => back.server.describe().phase === 'broadcast');
    await client.create('/together', 'z');
    await until('all have it', () => new Set(running.map(({ server }) => server.state.zxid)).size === 1);
    expect(new Set(running.map(({ server }) => server.state.treeDigest)).size).toBe(1);
  });

  it('leave nothing behind when they are closed: ports, directories, work for the event loop', async () => {
    const [config] = await configs(1);
    for (let time = 0; time < 3; time++) {
      const { server } = await embed(config!);
      const client = await clientOf({ config: config!, server, log: undefined as never });
      await client.create(`/time-${time}`, '');
      await client.close();
      await server.close();
    }
  });

  it('let the process end by itself once closed (ZOOKEEPER-2029)', async () => {
    const [config] = await configs(1);
    const built = new URL('../../../dist/index.js', import.meta.url).href;
    const script = `
      const { startServer } = await import(${JSON.stringify(built)});
      const server = await startServer(JSON.parse(process.argv[1], (key, value) =>
        key === 'fourLetterWords' ? new Set(value) : value));
      await server.close();
      process.on('exit', (code) => console.log('ended', code));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      JSON.stringify(config, (_key, value: unknown) => (value instanceof Set ? [...value] : value)),
    ]);
    expect(stdout).toBe('ended 0\n');
  });

  it.skipIf(!canMount)(
    `stop serving at once when the disk is full, say so, and have all that was acknowledged ${whyNot}`,
    async () => {
      const [config] = await configs(1, ['snapCount=40']);
      const disk = config!.storage.dataDir;
      mountTmpfs(disk, '1m');
      const embedded = await embed(config!);
      const client = await clientOf(embedded);
      const acknowledged: string[] = [];
      const fill = async (): Promise<void> => {
        for (let i = 0; ; i++) {
          await client.create(`/n-${i}`, Buffer.alloc(10_000, i));
          acknowledged.push(`/n-${i}`);
        }
      };
      await expect(fill()).rejects.toThrow();
      const reason = await embedded.server.stopped;
      expect(reason).toBeInstanceOf(StorageFailedError);
      expect(reason?.message).toMatch(/^writing .*: ENOSPC: no space left on device/);
      expect(embedded.server.clientPort).toBe(0);
      mountTmpfs(disk, '8m');
      const again = await embed(config!);
      const later = await clientOf(again);
      const { children } = await later.getChildren('/');
      expect(acknowledged.filter((path) => !children.includes(path.slice(1)))).toEqual([]);
    },
  );

  it('write a snapshot while clients go on, and purge what it makes superfluous', async () => {
    const [config] = await configs(1, ['snapCount=50', 'autopurge.purgeInterval=1']);
    const embedded = await embed(config!);
    const client = await clientOf(embedded);
    for (let i = 0; i < 300; i += 25) {
      await Promise.all(
        Array.from({ length: 25 }, () => client.create('/n-', 'x', { mode: CreateMode.persistentSequential })),
      );
    }
    await until('snapshots', () => embedded.log.lines.filter(({ event }) => event === 'snapshot written').length > 3);
    await client.close();
    await embedded.server.close();
    const again = await embed(config!);
    await until('purged', () => again.log.lines.some(({ event }) => event === 'purged'));
    expect(again.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});

describe('strangers', () => {
  /** Sends bytes, and resolves when the other side hangs up. */
  const pester = (port: number, bytes: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
      socket.write(bytes);
    });

  it('with garbage on any port are hung up on with one line, and nobody else is disturbed', async () => {
    const servers = await embedAll(await configs(3));
    const leader = servers.find(({ server }) => server.describe().state === 'leading')!;
    const client = await clientOf(leader);
    const own = leader.config.quorum!.members.find(({ id }) => id === leader.config.serverId)!;
    const before = leader.log.lines.length;
    await pester(leader.server.clientPort, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await pester(leader.server.clientPort, Buffer.from('7fffffff00', 'hex'));
    await pester(own.quorum.port, Buffer.from(`${'ff'.repeat(12)}7fffffff`, 'hex'));
    await pester(own.election.port, Buffer.from(`${'ff'.repeat(8)}${'00'.repeat(20)}`, 'hex'));
    await until('the lines', () => leader.log.lines.slice(before).filter(({ level }) => level === 'warn').length >= 4);
    const warnings = leader.log.lines.slice(before).filter(({ level }) => level === 'warn');
    expect(warnings.map(({ event }) => event)).toEqual([
      'bad frame from client, connection closed',
      'bad frame from client, connection closed',
      'bad packet on the quorum port, connection closed',
      'bad greeting on the election port, connection closed',
    ]);
    await client.create('/undisturbed', '');
    expect(leader.server.describe().state).toBe('leading');
    expect(leader.server.describe().learners.filter(({ synced }) => synced).length).toBe(2);
  });

  it('that say a little and then nothing are closed in time, on every port', async () => {
    const servers = await embedAll(await configs(3, ['nio.sessionlessCnxnTimeout=300']));
    const leader = servers.find(({ server }) => server.describe().state === 'leading')!;
    const own = leader.config.quorum!.members.find(({ id }) => id === leader.config.serverId)!;
    await Promise.all([
      pester(leader.server.clientPort, Buffer.from('00000030', 'hex')),
      pester(leader.server.clientPort, Buffer.from('00', 'hex')),
      pester(own.quorum.port, Buffer.from('0000000b', 'hex')),
      pester(own.election.port, Buffer.from('ffffffff', 'hex')),
    ]);
    expect(leader.server.describe().state).toBe('leading');
    expect(await fourLetterWord('127.0.0.1', leader.server.clientPort, 'ruok')).toBe('imok');
  });
});
