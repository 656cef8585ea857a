import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeClient } from '@menagerie/yarn-client';
import { ContainerEnvironment, type ContainerGrant } from '@menagerie/yarn-protocol';
import { repositoryRoot, TestProcess } from '@menagerie/yarn-testing';
import { allocatePort, releasePort, waitFor } from '@menagerie/zookeeper-testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedRm } from './__fixtures__/scripted-rm.js';

const quickly = { timeoutMs: 15_000 };
const thrown = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message ? { message: expect.stringMatching(message) } : {}) });

describe('a NodeManager', () => {
  let rm: ScriptedRm;
  let nm: TestProcess;
  let folder: string;
  let port: number;
  let node: { id: string; address: string };
  const nodes = new NodeClient();

  beforeEach(async () => {
    rm = await ScriptedRm.start();
    folder = mkdtempSync(join(tmpdir(), 'menagerie-nm-'));
    port = await allocatePort();
    node = { id: `nm1:${port}`, address: `127.0.0.1:${port}` };
    nm = new TestProcess({
      id: 'nm1',
      program: join(repositoryRoot(), 'apps/yarn/node-manager/dist/main.js'),
      address: node.address,
      folder,
      environment: {
        NM_ID: 'nm1',
        NM_HTTP_PORT: String(port),
        NM_MEMORY_MB: '512',
        NM_VCORES: '4',
        NM_MEMORY_CHECK_MS: '50',
        NM_KILL_DELAY_MS: '300',
        RM_ADDRESSES: rm.addresses,
        DATA_DIR: join(folder, 'data'),
      },
    });
    await nm.start();
    await registered(1);
  });
  afterEach(async () => {
    await nm.end('SIGKILL');
    await rm.stop();
    releasePort(port);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });

  const registered = (times: number) =>
    waitFor(() => rm.registrations.length >= times && rm.heartbeats.length > 0, { ...quickly, what: 'a registration' });
  const start = (grant: ContainerGrant, command: string[], environment: Record<string, string> = {}) =>
    nodes.startContainer(grant, { command, environment });
  const shell = (script: string) => ['/bin/sh', '-c', script];
  const ended = (grant: ContainerGrant) =>
    waitFor(
      () => {
        const status = rm.statusOf(grant.containerId);
        return status?.state === 'COMPLETE' ? status : null;
      },
      { ...quickly, what: `the end of ${grant.containerId}` },
    );
  const pidOf = async (grant: ContainerGrant) =>
    (await nodes.info(node.address)).containers.find((one) => one.containerId === grant.containerId)?.pid ?? null;
  const file = (name: string) => join(folder, name);
  const written = (name: string) =>
    waitFor(() => existsSync(file(name)) && readFileSync(file(name), 'utf8').trim(), { ...quickly, what: name });
  /** A zombie that nobody has waited for counts as gone: it runs nothing. */
  const lives = (pid: number) =>
    existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const gone = (pid: number) => waitFor(() => !lives(pid), { ...quickly, what: `the end of process ${pid}` });

  it('runs a program where and as it was told, and reports its exit code', async () => {
    const grant = rm.grant(2, node);
    await start(
      grant,
      shell('echo out; echo err >&2; printf "%s" "$COLOUR $CONTAINER_ID $NM_NODE_ID" > $YARN_OUTPUT_DIR/file; exit 3'),
      {
        COLOUR: 'blue',
      },
    );
    expect(await ended(grant)).toMatchObject({
      exitStatus: 3,
      diagnostics: expect.stringMatching(/exited with 3[^]*err/),
    });
    const output = await fetch(`http://${node.address}/output/${grant.containerId}/file`);
    expect(await output.text()).toBe(`blue ${grant.containerId} ${node.id}`);
    const { containers } = await nodes.info(node.address);
    expect(readFileSync(join(containers[0]?.logDir as string, 'stdout'), 'utf8')).toBe('out\n');
  });

  it('reports a program that does not exist as a container that has ended', async () => {
    const grant = rm.grant(2, node);
    await start(grant, ['/no/such/program']);
    expect(await ended(grant)).toMatchObject({ exitStatus: 127 });
  });

  it('ends a container that uses more memory than it was given, its children counted', async () => {
    const grant = rm.grant(2, node);
    const fill = 'const held = []; setInterval(() => held.push(Buffer.alloc(8e6, 1)), 20)';
    await start(grant, shell(`"${process.execPath}" -e '${fill}' & wait`));
    expect(await ended(grant)).toMatchObject({
      exitStatus: -104,
      diagnostics: expect.stringMatching(/beyond its memory: \d+ MB of 128 MB used/),
    });
  });

  it('ends a container that runs longer than its time', async () => {
    const grant = rm.grant(2, node);
    await start(grant, ['sleep', '1000'], { [ContainerEnvironment.TimeLimitMs]: '200' });
    expect(await ended(grant)).toMatchObject({
      exitStatus: -1002,
      diagnostics: expect.stringMatching(/longer than its 200 ms/),
    });
  });

  it('asks a program to end, and makes one that does not listen', async () => {
    const [polite, stubborn] = [rm.grant(2, node), rm.grant(3, node)];
    await start(
      polite,
      shell(`trap 'echo bye > ${file('bye')}; exit 0' TERM; echo $$ > ${file('polite')}; while :; do sleep 0.05; done`),
    );
    await start(stubborn, shell(`trap '' TERM; echo $$ > ${file('stubborn')}; while :; do sleep 0.05; done`));
    await written('polite');
    const pid = Number(await written('stubborn'));
    await nodes.stopContainer(polite);
    await nodes.stopContainer(stubborn);
    expect(await ended(polite)).toMatchObject({ exitStatus: -105 });
    expect(await written('bye')).toBe('bye');
    expect(await ended(stubborn)).toMatchObject({ exitStatus: -105 });
    await gone(pid);
  });

  it('ends what a program has left running in the background', async () => {
    const grant = rm.grant(2, node);
    await start(grant, shell(`sleep 1000 & echo $! > ${file('child')}; exit 0`));
    const child = Number(await written('child'));
    expect(await ended(grant)).toMatchObject({ exitStatus: 0 });
    await gone(child);
  });

  it('that is killed takes its containers along, with all that they have started', async () => {
    const grant = rm.grant(2, node);
    await start(grant, shell(`sleep 1000 & echo $! > ${file('child')}; echo $$ > ${file('self')}; wait`));
    const pids = [Number(await written('child')), Number(await written('self')), await pidOf(grant)];
    await nm.end('SIGKILL');
    for (const pid of pids) await gone(pid as number);
  });

  it('that is stopped ends its containers and says goodbye', async () => {
    const grant = rm.grant(2, node);
    await start(grant, ['sleep', '1000']);
    const pid = await pidOf(grant);
    await nm.end('SIGTERM');
    expect(lives(pid as number)).toBe(false);
    expect(rm.goodbyes).toEqual([{ nodeId: node.id }]);
  });

  it('starts a container once, however often it is told', async () => {
    const grant = rm.grant(2, node);
    await start(grant, shell(`echo $$ >> ${file('starts')}; sleep 1000`));
    await start(grant, shell(`echo $$ >> ${file('starts')}; sleep 1000`));
    await written('starts');
    expect((await nodes.info(node.address)).containers).toHaveLength(1);
    expect((await written('starts')).split('\n')).toHaveLength(1);
  });

  it('believes only tokens of the ResourceManager it is registered with, for itself, in time', async () => {
    const refused = async (grant: ContainerGrant, why: RegExp) => {
      await expect(start(grant, ['true'])).rejects.toEqual(thrown('YARN_UNAUTHORIZED', why));
    };
    await refused(rm.grant(2, node, { nodeId: 'nm9:1' }), /nm9:1/);
    await refused(rm.grant(2, node, { rmIdentifier: 0 }), /no longer active/);
    await refused(rm.grant(2, node, { expiresAtMs: 1 }), /too long ago/);
    await refused({ ...rm.grant(2, node), containerId: 'container_e01_1_0001_01_000009' }, /the token is for/);
    await refused({ ...rm.grant(2, node), token: 'made.up' }, /signed with another key/);
    const running = rm.grant(3, node);
    await start(running, ['sleep', '1000']);
    await expect(nodes.stopContainer({ ...running, token: 'made.up' })).rejects.toEqual(thrown('YARN_UNAUTHORIZED'));
    expect(lives((await pidOf(running)) as number)).toBe(true);
  });

  it('that is told to register again keeps its containers and reports them; tokens of the old life are refused', async () => {
    const [running, done, late] = [rm.grant(2, node), rm.grant(3, node), rm.grant(4, node)];
    await start(running, ['sleep', '1000']);
    await start(done, ['true']);
    await ended(done);
    const pid = await pidOf(running);
    rm.identifier = 2;
    rm.key = Buffer.from('the key of the next life');
    rm.next = { action: 'RESYNC' };
    await registered(2);
    const reported = rm.registrations[1]?.containers.map((one) => [one.containerId, one.state, one.exitStatus]);
    expect(reported).toEqual([
      [running.containerId, 'RUNNING', -1000],
      [done.containerId, 'COMPLETE', 0],
    ]);
    expect(rm.registrations[1]?.startedAtMs).toBe(rm.registrations[0]?.startedAtMs);
    expect(await pidOf(running)).toBe(pid);
    await expect(start(late, ['true'])).rejects.toEqual(thrown('YARN_UNAUTHORIZED'));
    await start(rm.grant(5, node), ['true']);
  });

  it('reports an end until it is told that its master knows', async () => {
    const grant = rm.grant(2, node);
    await start(grant, ['true']);
    await ended(grant);
    const seen = rm.heartbeats.length;
    await waitFor(() => rm.heartbeats.length > seen + 2, { ...quickly, what: 'further heartbeats' });
    expect(rm.statusOf(grant.containerId)?.state).toBe('COMPLETE');
    rm.next = { containersToForget: [grant.containerId] };
    await waitFor(() => rm.statusOf(grant.containerId) === undefined, { ...quickly, what: 'silence about it' });
  });

  it('ends containers that the ResourceManager does not know as living', async () => {
    const grant = rm.grant(2, node);
    await start(grant, ['sleep', '1000']);
    rm.next = { containersToCleanUp: [grant.containerId] };
    expect(await ended(grant)).toMatchObject({ exitStatus: -106 });
  });

  it('removes an application`s files, and ends what runs of it, when it is over', async () => {
    const [running, done] = [rm.grant(2, node), rm.grant(3, node)];
    await start(done, shell('echo 1 > $YARN_OUTPUT_DIR/file'));
    await start(running, ['sleep', '1000']);
    await ended(done);
    const pid = await pidOf(running);
    rm.next = { applicationsToCleanUp: ['application_1_0001'] };
    await gone(pid as number);
    rm.next = { applicationsToCleanUp: ['application_1_0001'] };
    await waitFor(async () => (await fetch(`http://${node.address}/output/${done.containerId}/file`)).status === 404, {
      ...quickly,
      what: 'the end of its files',
    });
  });

  it('hands out no file but those that containers left', async () => {
    const grant = rm.grant(2, node);
    await start(grant, shell('mkdir $YARN_OUTPUT_DIR/folder'));
    await ended(grant);
    for (const name of ['none', '..', '%2e%2e%2flog%2fstdout', 'folder%2f..%2f..%2flog%2fstdout']) {
      const answer = await fetch(`http://${node.address}/output/${grant.containerId}/${name}`);
      expect(answer.status, name).toBe(404);
    }
    expect((await fetch(`http://${node.address}/output/container_9_9999_99_999999/x`)).status).toBe(404);
  });

  it('takes no more than it has', async () => {
    await start(rm.grant(2, node, { resource: { memoryMb: 500, vcores: 1 } }), ['sleep', '1000']);
    await expect(start(rm.grant(3, node), ['sleep', '1'])).rejects.toEqual(thrown('YARN_NOT_READY', /no room/));
  });
});
