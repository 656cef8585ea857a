import { describe, expect, it } from 'vitest';

import { dubboProblems } from './dubbo-status.js';
import { ensembleProblems, parseMntr, parseSrvr, serversOf } from './ensemble-status.js';
import type { PlatformStatus } from './model.js';
import { renderStatus } from './render.js';
import { kafkaProblems } from './kafka-status.js';
import { logsProblems } from './logs-status.js';
import { yarnProblems } from './yarn-status.js';

/** As Apache ZooKeeper 3.8.0 answers. */
const SRVR = `Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC
Latency min/avg/max: 0/0.0/0
Received: 4
Sent: 3
Connections: 2
Outstanding: 0
Zxid: 0x300000007
Mode: leader
Node count: 5
Proposal sizes last/min/max: 36/36/36
`;

describe('a server', () => {
  it('says role, zxid with its epoch, connections and nodes', () => {
    expect(parseSrvr(SRVR)).toEqual({ role: 'leader', zxid: '0x300000007', epoch: 3, connections: 2, nodes: 5 });
  });

  it('that looks for a leader has no role, and its words are the reason', () => {
    const words = 'This ZooKeeper instance is not currently serving requests';
    expect(parseSrvr(`${words}\n`)).toEqual({ problem: words });
    expect(parseSrvr('')).toEqual({ problem: 'no answer to srvr' });
  });

  it('that does not allow mntr tells no sessions', () => {
    expect(parseMntr('zk_version\t3.8\nzk_global_sessions\t4\n')).toEqual({ sessions: 4 });
    expect(parseMntr('mntr is not executed because it is not in the whitelist.\n')).toEqual({});
  });

  it('of a foreign ensemble is known by its address', () => {
    expect(serversOf('a:1,[::1]:2/chroot')).toEqual([
      { id: 'a:1', host: 'a', port: 1 },
      { id: '[::1]:2', host: '[::1]', port: 2 },
    ]);
  });
});

describe('problems', () => {
  const server = (id: string, role: string) => ({ id, address: id, role });

  it.each([
    [[server('zk1', 'follower'), server('zk2', 'leader')], []],
    [[server('zk1', 'standalone')], []],
    [[server('zk1', 'follower')], ['ensemble: no leader']],
    [[server('zk1', 'leader'), server('zk2', 'leader')], ['ensemble: 2 leaders (zk1, zk2)']],
    [[{ id: 'zk1', address: '', problem: 'ECONNREFUSED' }], ['zk1: ECONNREFUSED', 'ensemble: no leader']],
  ])('of the ensemble %#', (servers, problems) => {
    expect(ensembleProblems(servers)).toEqual(problems);
  });

  it('of YARN: nobody active, or two, or a node that is missing', () => {
    const rm = (id: string, haState: string) => ({ id, url: '', haState });
    const nodeManagers = [{ id: 'nm1', url: '', nodeState: 'RUNNING' }];
    expect(yarnProblems({ resourceManagers: [rm('rm1', 'ACTIVE'), rm('rm2', 'STANDBY')], nodeManagers })).toEqual([]);
    expect(yarnProblems({ resourceManagers: [rm('rm1', 'STANDBY')], nodeManagers })).toEqual([
      'yarn: no active ResourceManager',
    ]);
    expect(yarnProblems({ resourceManagers: [rm('a', 'ACTIVE'), rm('b', 'ACTIVE')], nodeManagers: [] })).toEqual([
      'yarn: 2 active ResourceManagers (a, b)',
    ]);
    expect(yarnProblems({ resourceManagers: [rm('a', 'ACTIVE')], nodeManagers: [{ id: 'nm2', url: '' }] })).toEqual([
      'nm2: not registered',
    ]);
  });
});

describe('the state of Kafka', () => {
  it('is well with one controller and full ISRs, and names what is not', () => {
    const broker = { id: 'kafka1', address: '', controllerEpoch: 1, leaders: 1, underReplicated: 0 };
    expect(kafkaProblems({ brokers: [broker] })).toEqual([]);
    expect(kafkaProblems({ brokers: [{ id: 'kafka1', address: '', problem: 'no answer' }] })).toEqual([
      'kafka1: no answer',
      'kafka: no controller',
    ]);
    expect(kafkaProblems({ brokers: [broker, { ...broker, id: 'kafka2', underReplicated: 2 }] })).toEqual([
      'kafka: 2 controllers (kafka1, kafka2)',
      'kafka2: leads 2 under-replicated partitions',
    ]);
  });
});

describe('log collection', () => {
  const process = { id: 'collector1', url: '', role: 'alive' };

  it('is well when somebody leads, everybody reports and every source has a collector', () => {
    expect(logsProblems({ leader: 'allocator1', unassigned: [], frozen: false, processes: [process] })).toEqual([]);
    expect(
      logsProblems({
        leader: 'allocator1',
        unassigned: ['x'],
        frozen: true,
        processes: [{ ...process, role: 'dead' }],
      }),
    ).toEqual([
      'logs: 1 sources without a collector',
      'logs: too many collectors are silent at once to believe it',
      'collector1: dead in the eyes of the allocator',
    ]);
    expect(logsProblems({ processes: [], problem: 'nobody leads' })).toEqual(['logs: nobody leads']);
  });
});

describe('the Dubbo registry', () => {
  it('is a problem when nobody can say what it holds, or a provider that runs is not in it; disabled is somebody’s will', () => {
    const process = { id: 'provider1', address: 'p1:1' };
    expect(dubboProblems({ processes: [], problem: 'nobody answers' })).toEqual(['dubbo: nobody answers']);
    expect(dubboProblems({ processes: [{ ...process, role: 'provider, not listed' }] })).toEqual([
      'provider1: not in the registry',
    ]);
    expect(dubboProblems({ processes: [{ ...process, role: 'provider, disabled' }] })).toEqual([]);
  });
});

describe('the table', () => {
  const status: PlatformStatus = {
    healthy: false,
    problems: ['zk2: held (held down; menagerie chaos restart zk2)'],
    zkConnect: 'zk1:1,zk2:2',
    foreignEnsemble: false,
    processes: [
      { id: 'zk1', group: 'ensemble', state: 'healthy', ports: {}, cut: false },
      { id: 'zk2', group: 'ensemble', state: 'held', ports: {}, cut: false },
      { id: 'nm1', group: 'yarn/node-manager', state: 'healthy', ports: {}, cut: true },
    ],
    ensemble: [
      { id: 'zk1', address: 'zk1:1', role: 'leader', zxid: '0x10', epoch: 0, connections: 3, sessions: 2 },
      { id: 'zk2', address: 'zk2:2', problem: 'ECONNREFUSED' },
    ],
    yarn: {
      resourceManagers: [{ id: 'rm1', url: 'http://rm1', haState: 'ACTIVE' }],
      nodeManagers: [
        { id: 'nm1', url: 'http://nm1', nodeState: 'RUNNING', containers: 2, usedMemoryMb: 5, memoryMb: 9 },
      ],
      apps: { running: 1, pending: 0, completed: 2, failed: 0 },
    },
    kafka: {
      brokers: [
        { id: 'kafka1', address: 'k1:1', controllerEpoch: 4, partitions: 6, leaders: 3, underReplicated: 1 },
        { id: 'kafka2', address: 'k2:2', problem: 'ECONNREFUSED' },
      ],
    },
    logs: {
      leader: 'allocator1',
      policy: 'local',
      sources: 4,
      unassigned: [],
      frozen: false,
      processes: [
        { id: 'allocator1', url: 'http://al1', role: 'leader' },
        { id: 'collector1', url: 'http://co1', role: 'alive', sources: 4, lagBytes: 7 },
      ],
    },
    dubbo: {
      services: [{ service: 'shop.Catalogue', providers: 1, consumers: 2, rules: 0 }],
      processes: [
        { id: 'provider1', address: 'p1:1', role: 'provider', weight: 7 },
        { id: 'front1', address: 'http://f1', role: 'consumer' },
      ],
    },
  };

  it('is plain where nobody can see colours', () => {
    expect(renderStatus(status, false)).toEqual([
      'ZooKeeper ensemble',
      'SERVER  STATE    ADDRESS  ROLE    ZXID  EPOCH  CONNECTIONS  SESSIONS',
      'zk1     healthy  zk1:1    leader  0x10      0            3         2',
      'zk2     held     zk2:2    -       -         -            -         -',
      '',
      'YARN (apps: 1 running, 0 pending, 2 completed, 0 failed)',
      'PROCESS  STATE             ADDRESS     ROLE          CONTAINERS  MEMORY',
      'rm1      -                 http://rm1  active',
      'nm1      healthy, cut off  http://nm1  node running           2  5/9 MB',
      '',
      'Kafka',
      'BROKER  STATE  ADDRESS  ROLE                 PARTITIONS  LEADS  UNDER-REPLICATED',
      'kafka1  -      k1:1     controller, epoch 4           6      3                 1',
      'kafka2  -      k2:2     -                             -      -                 -',
      '',
      'Log collection (4 sources, policy local)',
      'PROCESS     STATE  ADDRESS     ROLE    SOURCES  BEHIND',
      'allocator1  -      http://al1  leader        -       -',
      'collector1  -      http://co1  alive         4     7 B',
      '',
      'Dubbo (shop.Catalogue: 1 provide, 2 call)',
      'PROCESS    STATE  ADDRESS    ROLE      WEIGHT',
      'provider1  -      p1:1       provider       7',
      'front1     -      http://f1  consumer       -',
      '',
      'not well: zk2: held (held down; menagerie chaos restart zk2)',
    ]);
  });

  it('has the same columns with colours', () => {
    const stripped = renderStatus(status, true).map((line) => line.replace(/\u001b\[\d+m/g, ''));
    expect(stripped).toEqual(renderStatus(status, false));
  });
});
