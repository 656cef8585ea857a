import { describe, expect, it } from 'vitest';

import { SettingsError, UnknownNameError } from '../errors.js';
import { menagerie } from './menagerie.js';
import { allProcesses, findProcess, plan } from './plan.js';
import { parseSettings, settingsEnvironment, settingsFromEnvironment } from './settings.js';

const settings = parseSettings('/repo', {});
const running = plan(menagerie, settings);

describe('the declaration', () => {
  it('names every process and every port once', () => {
    const ids = menagerie.groups.flatMap((group) => group.replicas.map((replica) => replica.id));
    expect(new Set(ids).size).toBe(ids.length);
    const ports = menagerie.groups.flatMap((group) =>
      group.replicas.flatMap((replica) => Object.values(replica.ports)),
    );
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('waits only for groups declared before, so that nobody waits in a circle', () => {
    const seen = new Set<string>();
    for (const group of menagerie.groups) {
      for (const needed of group.waitsFor) expect(seen).toContain(needed);
      expect(group.enough).toBeLessThanOrEqual(group.replicas.length);
      seen.add(group.name);
    }
  });

  it("keeps out of the data root's own folders", () => {
    for (const { id } of allProcesses(running)) expect(['run', 'logs']).not.toContain(id);
  });
});

describe('the plan', () => {
  it('renders zoo.cfg and myid of each server', () => {
    const { files, args, ports } = findProcess(running, 'zk2');
    expect(ports).toEqual({ client: 2182, peer: 2889, election: 3889, admin: 8082 });
    expect(args).toEqual(['/repo/.data/zk2/zoo.cfg']);
    expect(files['/repo/.data/zk2/data/myid']).toBe('2\n');
    expect(files['/repo/.data/zk2/zoo.cfg']?.split('\n').slice(1)).toEqual([
      'tickTime=1000',
      'initLimit=10',
      'syncLimit=4',
      'dataDir=/repo/.data/zk2/data',
      'clientPort=2182',
      'clientPortAddress=127.0.0.1',
      'maxClientCnxns=1000',
      'autopurge.snapRetainCount=3',
      'autopurge.purgeInterval=1',
      '4lw.commands.whitelist=*',
      'admin.enableServer=true',
      'admin.serverAddress=127.0.0.1',
      'admin.serverPort=8082',
      'server.1=127.0.0.1:2888:3888',
      'server.2=127.0.0.1:2889:3889',
      'server.3=127.0.0.1:2890:3890',
      '',
    ]);
  });

  it('tells YARN processes who they are, where the ensemble is and where the others are', () => {
    expect(findProcess(running, 'rm2').environment).toEqual({
      ZK_CONNECT: '127.0.0.1:2181,127.0.0.1:2182,127.0.0.1:2183',
      DATA_DIR: '/repo/.data/rm2',
      HTTP_HOST: '127.0.0.1',
      YARN_CLUSTER_ID: 'menagerie',
      RM_ID: 'rm2',
      RM_HTTP_PORT: '8089',
      RM_ADDRESSES: 'rm1=127.0.0.1:8088,rm2=127.0.0.1:8089',
    });
    expect(findProcess(running, 'nm3').environment).toMatchObject({
      NM_ID: 'nm3',
      NM_HTTP_PORT: '8044',
      NM_MEMORY_MB: '2048',
      RM_ADDRESSES: 'rm1=127.0.0.1:8088,rm2=127.0.0.1:8089',
    });
  });

  it('writes each broker its own configuration, in Kafka’s keys', () => {
    const { files, args } = findProcess(running, 'kafka2');
    expect(args).toEqual(['/repo/.data/kafka2/server.properties']);
    const lines = files['/repo/.data/kafka2/server.properties']!.split('\n');
    expect(lines).toContain('broker.id=2');
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9093');
    expect(lines).toContain('zookeeper.connect=127.0.0.1:2181,127.0.0.1:2182,127.0.0.1:2183');
    expect(lines).toContain('admin.http.listener=http://127.0.0.1:9193');
  });

  it('an offset moves every port, and every mention of it', () => {
    const moved = plan(menagerie, parseSettings('/repo', { portOffset: '10000', dataRoot: '/elsewhere' }));
    expect(findProcess(moved, 'zk1').files['/elsewhere/zk1/zoo.cfg']).toContain('server.3=127.0.0.1:12890:13890');
    expect(findProcess(moved, 'nm1').environment['RM_ADDRESSES']).toBe('rm1=127.0.0.1:18088,rm2=127.0.0.1:18089');
    expect(moved.zkConnect).toBe('127.0.0.1:12181,127.0.0.1:12182,127.0.0.1:12183');
  });

  it('with a foreign ensemble ours has no processes, and everybody is told of the foreign one', () => {
    const foreign = plan(menagerie, parseSettings('/repo', { zkConnect: 'zk.example:2181' }));
    expect(foreign.groups[0]).toMatchObject({ name: 'ensemble', external: true, processes: [] });
    expect(findProcess(foreign, 'rm1').environment['ZK_CONNECT']).toBe('zk.example:2181');
  });

  it('gives each process its own mark for packets', () => {
    const gids = allProcesses(running).map((process) => process.gid);
    expect(new Set(gids).size).toBe(gids.length);
  });

  it('a name that nobody has is answered with those that exist', () => {
    expect(() => findProcess(running, 'zk4')).toThrow(UnknownNameError);
    expect(() => findProcess(running, 'zk4')).toThrow(
      `expected a process (${allProcesses(running)
        .map(({ id }) => id)
        .join(', ')}), got "zk4"`,
    );
  });
});

describe('settings', () => {
  it('survive the way through the environment', () => {
    for (const input of [{}, { portOffset: '7', zkConnect: 'a:1,b:2', dataRoot: 'x' }]) {
      const parsed = parseSettings('/repo', input);
      expect(parseSettings('/other', settingsFromEnvironment(settingsEnvironment(parsed)))).toEqual(parsed);
    }
  });

  it.each([
    [{ portOffset: '-1' }, 'port offset: expected a whole number from 0 to 50000, got "-1"'],
    [{ zkConnect: 'localhost' }, '--zk: expected HOST:PORT,HOST:PORT,..., got "localhost"'],
    [{ zkConnect: 'a:1,b:99999' }, '--zk: expected HOST:PORT,HOST:PORT,..., got "a:1,b:99999"'],
  ])('%j is refused', (input, message) => {
    expect(() => parseSettings('/repo', input)).toThrow(new SettingsError(message));
  });
});
