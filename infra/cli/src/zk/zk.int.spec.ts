import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTestEnsemble } from '@menagerie/zookeeper-testing';
import { describe, expect, it } from 'vitest';
import { inspectLog } from './inspect/inspect-log.js';
import { inspectSnapshot } from './inspect/inspect-snapshot.js';
import { errorLine } from './print.js';
import { complete, runLine } from './shell.js';
import { ShellSession } from './shell-session.js';

function recorded() {
  const lines: string[] = [];
  return { lines, output: { isTerminal: false, line: (text = '') => void lines.push(text), note: () => undefined } };
}

describe('the shell', () => {
  it('does what zkCli does, and its log and snapshot can be looked into', async () => {
    await using ensemble = await startTestEnsemble({ config: { snapCount: '10' } });
    const [server] = ensemble.servers as [(typeof ensemble.servers)[0]];
    const { lines, output } = recorded();
    const session = new ShellSession({ connect: server.address, sessionTimeoutMs: 10_000 }, output);
    await session.connect(server.address);
    const say = async (line: string): Promise<string[]> => {
      lines.length = 0;
      await runLine(session, line).catch((error: unknown) => output.line(errorLine(error)));
      return [...lines];
    };
    expect(await say('create /app "a value"')).toEqual(['Created /app']);
    expect(await say('get /app')).toEqual(['a value']);
    expect(await say('create /app again')).toEqual(['Node already exists: /app']);
    expect(await say('get /none')).toEqual(['Node does not exist: /none']);
    expect(await say('create -s /app/s- x')).toEqual(['Created /app/s-0000000000']);
    expect(await say('create -s /app/s- y')).toEqual(['Created /app/s-0000000001']);
    expect(await say('ls /app')).toEqual(['[s-0000000000, s-0000000001]']);
    expect(await say('ls -R /app')).toEqual(['/app', '/app/s-0000000000', '/app/s-0000000001']);
    expect(await say('stat /app')).toContain('numChildren = 2');
    expect(await say('delete /app')).toEqual(['Node not empty: /app']);
    expect(await say('set -v 7 /app x')).toEqual(['version No is not valid : /app']);
    await say('setAcl /app/s-0000000000 world:anyone:ra');
    expect(await say('getAcl /app/s-0000000000')).toEqual(["'world,'anyone", ': ra']);
    expect(await say('set /app/s-0000000000 x')).toEqual(['Insufficient permission : /app/s-0000000000']);
    await say('setquota -n 10 /app');
    expect(await say('listquota /app')).toContain('Output quota for /app count=10,bytes=-1');
    expect(await say('getAllChildrenNumber /app')).toEqual(['2']);
    expect(await complete(session, 'get /app/')).toEqual([['/app/s-0000000000', '/app/s-0000000001'], '/app/']);
    expect(await complete(session, 'getA')).toEqual([['getAcl ', 'getAllChildrenNumber '], 'getA']);
    expect(await say('nonsense')).toEqual(['Command not found: nonsense (help tells the commands)']);
    await say('redo 1');
    expect(lines).toEqual(['a value']);
    await say('deleteall /app');
    expect(await say('ls /')).toEqual(['[zookeeper]']);
    await session.close();
    expect(await say('ls /')).toEqual(['Not connected']);
    await ensemble.stop(server.id);

    const folder = join(server.dataDir, 'version-2');
    const files = readdirSync(folder);
    const log = recorded();
    await inspectLog(
      join(
        folder,
        files.find((name) => name.startsWith('log.'))!,
      ),
      { json: false, maxBufferBytes: 1 << 20 },
      log.output,
    );
    expect(log.lines.find((line) => line.includes('"a value"'))).toMatch(
      /^\d{4}-.*Z session 0x[0-9a-f]+ cxid 0x1 zxid 0x2 create2? \/app "a value" .*cversion 1 digest 2,0x[0-9a-f]+$/,
    );
    const snapshot = recorded();
    const newest = files.filter((name) => name.startsWith('snapshot.')).at(-1)!;
    const options = { json: true, withData: true, maxBufferBytes: 1 << 20 };
    await inspectSnapshot(join(folder, newest), options, snapshot.output);
    const paths = snapshot.lines.map((line) => JSON.parse(line) as { kind: string; path?: string });
    expect(paths.filter(({ kind }) => kind === 'node').map(({ path }) => path)).toContain('/zookeeper/config');
    await expect(inspectLog(join(folder, newest), options, snapshot.output)).rejects.toThrow(newest);
  });
});
