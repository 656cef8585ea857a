/** Every mistake is one line on standard error that says where, what was expected and what is there; and an exit status. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { allocatePorts } from '@menagerie/zookeeper-testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createNode, openStorage, scratchDirectory, storageConfig } from '../__fixtures__/disk.js';

const program = new URL('../../../../../bin/zk-server', import.meta.url).pathname;

interface Outcome {
  readonly status: number | null;
  readonly stderr: string;
  readonly stdout: string;
}

/** Runs until it ends. */
function run(...args: string[]): Promise<Outcome> {
  const child = spawn(program, args);
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  let stdout = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr, stdout })));
}

interface Site {
  readonly directory: string;
  readonly file: string;
  readonly ports: readonly number[];
}

/** A folder with a zoo.cfg; `@` in a line is the folder, `%n` the nth of five free ports. */
async function site(lines: readonly string[], myid?: string): Promise<Site> {
  const directory = scratchDirectory();
  const ports = await allocatePorts(5);
  const text = lines.join('\n').replaceAll('@', directory);
  const file = join(directory, 'zoo.cfg');
  writeFileSync(
    file,
    text.replace(/%(\d)/g, (_, n: string) => String(ports[Number(n)])),
  );
  mkdirSync(join(directory, 'data'));
  if (myid !== undefined) writeFileSync(join(directory, 'data', 'myid'), myid);
  return { directory, file, ports };
}

const ALONE = ['dataDir=@/data', 'clientPort=%0', 'clientPortAddress=127.0.0.1'];
const QUORUM = [
  ...ALONE,
  'initLimit=10',
  'syncLimit=5',
  'server.1=127.0.0.1:%1:%2',
  'server.2=127.0.0.1:%3:%4',
  'server.3=localhost:1:2',
];

const occupy = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve());
    onTestFinished(() => void server.close());
  });

async function expectMistake({ directory, file, ports }: Site, line: string): Promise<void> {
  const { status, stderr } = await run(file);
  const expected = line.replaceAll('@', directory).replace(/%(\d)/g, (_, n: string) => String(ports[Number(n)]));
  expect(stderr).toBe(`zk-server: ${expected}\n`);
  expect(status).toBe(2);
}

describe("the user's mistakes end in exit status 2 and one line", () => {
  it('no file, too many files, an option that is none', async () => {
    expect(await run()).toMatchObject({
      status: 2,
      stderr: 'zk-server: expected one configuration file, found 0 (see --help)\n',
    });
    expect(await run('--log-level', 'loud', 'zoo.cfg')).toMatchObject({
      status: 2,
      stderr: 'zk-server: --log-level: expected debug or info or warn or error or silent, found "loud" (see --help)\n',
    });
    expect((await run('--bogus')).stderr).toMatch(/^zk-server: Unknown option '--bogus'.*\n$/);
    expect((await run('/nowhere/zoo.cfg')).stderr).toMatch(
      /^zk-server: \/nowhere\/zoo\.cfg: expected a configuration, found ENOENT.*\n$/,
    );
  });

  it('a bad line', async () => {
    const bad = await site([...ALONE, 'tickTime=fast']);
    await expectMistake(bad, '@/zoo.cfg:4: tickTime: expected a whole number of 1 or more, found "fast"');
  });

  it('a myid that is missing, no number, or in no line', async () => {
    await expectMistake(await site(QUORUM), "@/data/myid: expected this server's id, found no such file");
    await expectMistake(
      await site(QUORUM, 'zk1'),
      '@/data/myid:1: expected this server\'s id, a number from 0 to 255, found "zk1"',
    );
    await expectMistake(
      await site(QUORUM, '4'),
      '@/data/myid:1: expected one of the servers 1, 2, 3 of @/zoo.cfg, found 4',
    );
  });

  it.each([
    ['client', 0],
    ['quorum', 1],
    ['election', 2],
  ])('a busy %s port', async (purpose, which) => {
    const busy = await site(QUORUM, '1');
    await occupy(busy.ports[which]!);
    await expectMistake(
      busy,
      `${purpose} port 127.0.0.1:%${which}: expected it to be free, another process listens there`,
    );
  });

  it('a busy admin port', async () => {
    const busy = await site([...ALONE, 'admin.serverPort=%1']);
    await occupy(busy.ports[1]!);
    await expectMistake(busy, 'admin port 127.0.0.1:%1: expected it to be free, another process listens there');
  });

  it('an address of another machine', async () => {
    const elsewhere = await site(['dataDir=@/data', 'clientPort=%0', 'clientPortAddress=192.0.2.1']);
    await expectMistake(
      elsewhere,
      'client port 192.0.2.1:%0: expected an address of this machine, found one of another',
    );
  });

  it('a data directory that another server uses, or that is of another server', async () => {
    const used = await site(QUORUM, '1');
    const { storage } = await openStorage(storageConfig(join(used.directory, 'data')), { serverId: 1 });
    await expectMistake(
      used,
      '@/data/version-2: expected a directory of our own, found one that another running server uses',
    );
    await storage.close();
    const foreign = await site(QUORUM, '2');
    await (await openStorage(storageConfig(join(foreign.directory, 'data')), { serverId: 1 })).storage.close();
    await expectMistake(
      foreign,
      '@/data/version-2: expected data of server 2 as in myid, found data of server 1 (remove menagerie.server-id if they were moved here on purpose)',
    );
  });

  it('a file where a directory should be', async () => {
    const bad = await site(ALONE);
    rmSync(join(bad.directory, 'data'), { recursive: true });
    writeFileSync(join(bad.directory, 'data'), '');
    await expectMistake(bad, '@/data: expected a directory, found a file');
  });
});

describe('damaged data end in exit status 1 and one line, and stay as they are', () => {
  it('a log record in the middle, a snapshot', async () => {
    const damaged = await site(ALONE);
    const data = join(damaged.directory, 'data');
    const opened = await openStorage(storageConfig(data, { preAllocBytes: 0 }));
    await opened.write(createNode(1, 1), createNode(1, 2), createNode(1, 3));
    await opened.storage.close();
    const log = join(data, 'version-2', 'log.100000001');
    const bytes = readFileSync(log);
    bytes[150]! ^= 1;
    writeFileSync(log, bytes);
    expect(await run(damaged.file)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^zk-server: \S+log\.100000001: expected the checksum \S+, the record says \S+ \(at byte 106 of the log, after zxid 0x100000001\), but a good record, zxid 0x100000003, follows at byte 196\n$/,
      ),
    });
    expect(readFileSync(log).equals(bytes)).toBe(true);
    const snapshot = join(data, 'version-2', 'snapshot.0');
    writeFileSync(snapshot, readFileSync(snapshot).subarray(0, 100));
    expect(await run(damaged.file)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^zk-server: \S+version-2: expected a valid snapshot, none of 1 is.*\n$/),
    });
  });
});

describe('the command line', () => {
  it('ends with 0 when it is told to stop, and says what it is', async () => {
    const fine = await site(ALONE);
    const child = spawn(program, ['--log-format', 'json', fine.file]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines: string[] = [];
    const ended = new Promise((resolve) => child.on('close', resolve));
    await new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => {
        lines.push(...chunk.toString().trimEnd().split('\n'));
        if (lines.some((line) => line.includes('recovered'))) resolve();
      }),
    );
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('server stopped');
    expect((await run('--help')).stdout).toMatch(/^Usage: zk-server \[options\] ZOO_CFG/);
    expect((await run('--version')).stdout).toMatch(/^3\.8\.0-menagerie\S+\n$/);
    expect(await run('--check', fine.file)).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
