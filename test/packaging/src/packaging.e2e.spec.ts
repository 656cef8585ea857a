/**
 * The packages as strangers get them: packed, installed into an empty project, their READMEs' snippets compiled and run
 * as ES modules and as CommonJS, on the Node that runs the tests.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatePort, releasePort, startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, publishedPackages } from './consumer.js';
import { readmeSnippet } from './snippets.js';

const JEST = 'jest@30.5.2';
/** What a Nest application with HTTP has anyway. */
const NEST_HTTP = '@nestjs/platform-express@12.5.1';
const SNIPPET_TIMEOUT_MS = 60_000;
const packages = publishedPackages();

describe('the packages, packed and installed elsewhere', () => {
  const consumer = new Consumer();
  let ensemble: TestEnsemble;
  let port: number;

  beforeAll(async () => {
    consumer.install(packages, [JEST, NEST_HTTP]);
    // The servers of this process serve while the snippets run in theirs.
    ensemble = await startTestEnsemble();
    port = await allocatePort();
    for (const { name, folder } of packages) {
      const replacements = {
        '127.0.0.1:2181': ensemble.connectString,
        'listen(3000)': 'listen(0)',
        'clientPort=2181': `clientPort=${port}`,
        'dataDir=zk-data': `dataDir=${join(consumer.folder, 'zk-data')}`,
      };
      const { mts, cts } = readmeSnippet(join(folder, 'README.md'), replacements);
      consumer.write(`${fileName(name)}.mts`, mts);
      consumer.write(`${fileName(name)}.cts`, cts);
    }
    consumer.run('npx', ['tsc', '-p', '.']);
  }, 300_000);
  afterAll(async () => {
    await ensemble?.close();
    if (port !== undefined) releasePort(port);
    consumer.remove();
  });

  it('are those that a team takes home', () => {
    const names = packages.map(({ name }) => name.replace('@menagerie/', ''));
    expect(names).toEqual(
      expect.arrayContaining([
        'ensemble',
        'zookeeper-client',
        'zookeeper-nest',
        'zookeeper-protocol',
        'zookeeper-recipes',
        'zookeeper-testing',
      ]),
    );
  });

  for (const { name } of packages) {
    it.each(['mjs', 'cjs'])(`${name} compiles and runs its README's snippet as .%s`, async (extension) => {
      const child = spawn(process.execPath, [join(consumer.folder, 'out', `${fileName(name)}.${extension}`)], {
        cwd: consumer.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: SNIPPET_TIMEOUT_MS,
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += String(chunk)));
      const [code] = (await once(child, 'exit')) as [number | null];
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).not.toMatch(/ExperimentalWarning|Error:/);
    });
  }

  it('install nothing that runs on installation, and the client needs our protocol package only', () => {
    const manifests = packages.map(({ name }) => manifestOf(join(consumer.folder, 'node_modules', name)));
    for (const { scripts = {} } of manifests)
      expect(Object.keys(scripts).filter((script) => /install|prepare/.test(script))).toEqual([]);
    const client = manifests.find(({ name }) => name === '@menagerie/zookeeper-client')!;
    expect(Object.keys(client.dependencies ?? {})).toEqual(['@menagerie/zookeeper-protocol']);
    // The API of OpenTelemetry is no sign: prom-client, which the Nest module needs, brings it along.
    for (const optional of ['node-zookeeper-client', 'vitest'])
      expect(existsSync(join(consumer.folder, 'node_modules', optional))).toBe(false);
  });

  it('start servers as processes from the ensemble package alone', () => {
    expect(consumer.run('npx', ['zk-server', '--help'])).toContain('Usage: zk-server');
  });

  it('serve the test kit to Jest', () => {
    consumer.write(
      'kit.test.mjs',
      `import { ZooKeeper } from '@menagerie/zookeeper-client';
       import { startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
       test('an ensemble in a Jest test', async () => {
         const ensemble = await startTestEnsemble({ servers: 3, seed: 1 });
         const client = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 5000 });
         await client.create('/a', 'x');
         await ensemble.killLeader();
         await waitFor(async () => (await client.exists('/a')) !== null, { timeoutMs: 30000, what: 'the node' });
         await client.close();
         await ensemble.close();
       }, 60000);`,
    );
    const args = ['jest', '--testMatch', '**/*.test.mjs', '--transform', '{}'];
    const output = consumer.run('npx', args, consumer.folder, { NODE_OPTIONS: '--experimental-vm-modules' });
    expect(output).toContain('1 passed');
  });
});

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function fileName(packageName: string): string {
  return packageName.replace(/^@menagerie\//, '');
}
