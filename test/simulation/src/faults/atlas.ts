/**
 * What can go wrong. The atlas holds only what the design promises to survive: any number of crashes, pauses and cuts,
 * but damage to the disks of a minority only, and never to a file whose format has no checksum.
 */
import type { Random } from '../engine/random.js';
import type { VirtualTime } from '../engine/virtual-time.js';
import type { Host, SimulatedNetwork } from '../network/network.js';
import type { Moment, SimulatedServer } from '../server/simulated-server.js';
import { diskFaults } from './disk-faults.js';
import type { Operators } from './operators.js';

export interface FaultTargets {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly servers: readonly SimulatedServer[];
  readonly clientHosts: readonly Host[];
  readonly operators: Operators;
  readonly traps: Traps;
}

/** @returns whom it struck, for the story */
export type Fault = (targets: FaultTargets, random: Random) => string;

/** A failure that waits for a moment at which it is most telling. */
export class Traps {
  private armed: { readonly moment: Moment; readonly spring: (server: SimulatedServer) => void } | null = null;
  private hasTruce = false;

  /** The second act has begun: what was armed or under way strikes nobody any more. */
  get isTruce(): boolean {
    return this.hasTruce;
  }

  arm(moment: Moment, spring: (server: SimulatedServer) => void): void {
    if (!this.hasTruce) this.armed = { moment, spring };
  }

  truce(): void {
    this.armed = null;
    this.hasTruce = true;
  }

  reached(server: SimulatedServer, moment: Moment): void {
    const { armed } = this;
    if (armed === null || armed.moment !== moment) return;
    this.armed = null;
    armed.spring(server);
  }
}

const MOMENTS: readonly Moment[] = [
  'append',
  'append',
  'accepted epoch',
  'current epoch',
  'current epoch',
  'snapshot',
  'stream',
  'truncation',
  'serving',
  'serving',
  'start',
];

const otherThan = (servers: readonly SimulatedServer[], one: SimulatedServer) =>
  servers.filter((server) => server !== one);

const names = (servers: readonly SimulatedServer[]) => servers.map(({ id }) => id).join(',');

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

const leaderOf = (servers: readonly SimulatedServer[]) =>
  servers.filter((server) => server.isLeading).sort((a, b) => epochOf(b) - epochOf(a))[0];
const epochOf = (server: SimulatedServer) => server.peer()?.acceptedEpoch ?? 0;

/** Down now, up again later: mostly soon, sometimes not before much has happened without it. */
function fell(server: SimulatedServer, { time }: FaultTargets, random: Random): void {
  if (random.chance(0.6)) server.crash();
  else server.kill();
  time.after(random.delay(random.pick([30, 300, 300, 3000])), () => server.stoppedBy !== null || server.start());
}

/** The later part of a fault. Not in the second act, which nothing would mend again. */
function strikeLater({ time, traps }: FaultTargets, delayMs: number, work: () => void): void {
  time.after(delayMs, () => traps.isTruce || work());
}

export const faults: Readonly<Record<string, Fault>> = {
  crash: (targets, random) => {
    const server = random.pick(targets.servers);
    fell(server, targets, random);
    return `server ${server.id}`;
  },
  /** The one whose disk and word count most, in the middle of its work. */
  crashLeader: (targets, random) => {
    const leader = leaderOf(targets.servers);
    if (leader === undefined) return 'nobody leads';
    fell(leader, targets, random);
    return `server ${leader.id}`;
  },
  /** Some at once, each for a time of its own: those who come back first may be the ones who know least. */
  crashSome: (targets, random) => {
    const some = shuffled(targets.servers, random).slice(0, random.integer(1, targets.servers.length));
    for (const server of some) fell(server, targets, random);
    return `servers ${names(some)}`;
  },
  /**
   * What is committed by a bare quorum, and is on no other disk, must not be lost: the leader and as many as it needs
   * work on alone for a moment, all of them lose power, and those come back first who may have lost the most.
   */
  bareQuorum: (targets, random) => {
    const { time, network, servers } = targets;
    const leader = leaderOf(servers);
    if (leader === undefined || servers.length < 3) return 'nobody leads';
    const others = shuffled(otherThan(servers, leader), random);
    const group = [leader, ...others.splice(0, servers.length >> 1)];
    for (const a of group) for (const b of others) network.cutBothWays(a.host, b.host);
    const early = shuffled(group, random).slice(0, random.integer(1, Math.max(1, group.length - 1)));
    if (random.chance(0.7)) for (const { disk } of early) disk.slowDown({ meanSyncMs: random.pick([30, 300]) });
    strikeLater(targets, 20 + random.delay(100), () => {
      network.heal();
      for (const { disk } of early) disk.usualSpeed();
      for (const server of group) {
        server.crash();
        const downMs = early.includes(server) ? random.delay(30) : 1500 + random.delay(2000);
        time.after(downMs, () => server.stoppedBy !== null || server.start());
      }
    });
    return `${names(group)}, first back ${names(early)}`;
  },
  /**
   * Servers that were away and know little take over a leader's history, and lose power as soon as they have its epoch.
   * Those who know as much as the leader did are of the epoch before. Whoever is elected of these must know everything.
   */
  freshEpoch: (targets, random) => {
    const { time, traps, servers } = targets;
    const leader = leaderOf(servers);
    if (leader === undefined || servers.length < 3) return 'nobody leads';
    const others = shuffled(otherThan(servers, leader), random);
    const knowing = others.splice(0, servers.length >> 1);
    const start = (server: SimulatedServer) => server.stoppedBy !== null || server.start();
    for (const server of others) server.kill();
    strikeLater(targets, 100 + random.delay(200), () => {
      for (const server of knowing) server.kill();
      others.forEach((server) => {
        server.disk.slowDown({ logSlowness: 30 });
        start(server);
      });
      leader.kill();
      time.after(5, () => start(leader));
      traps.arm('current epoch', () =>
        strikeLater(targets, random.delay(random.pick([2, 20])), () => {
          for (const server of [leader, ...others]) server.crash();
          for (const { disk } of others) disk.usualSpeed();
          for (const server of [...others, ...knowing]) time.after(random.delay(20), () => start(server));
          time.after(1500 + random.delay(1500), () => start(leader));
        }),
      );
      time.after(4000, () => {
        for (const server of [leader, ...others, ...knowing]) start(server);
      });
    });
    return `server ${leader.id} with ${names(others)}, without ${names(knowing)}`;
  },
  pause: ({ time, servers }, random) => {
    const server = (random.chance(0.5) ? leaderOf(servers) : undefined) ?? random.pick(servers);
    server.pause();
    const { lifeNumber } = server;
    time.after(random.delay(random.pick([50, 700, 2500])), () => {
      if (server.lifeNumber === lifeNumber) server.resume();
    });
    return `server ${server.id}`;
  },
  hangUp: ({ network, servers, clientHosts }, random) => {
    const host = random.pick([...servers.map((server) => server.host), ...clientHosts]);
    network.hangUp(host);
    return `every connection of ${host}`;
  },
  isolate: ({ network, servers }, random) => {
    const server = (random.chance(0.5) ? leaderOf(servers) : undefined) ?? random.pick(servers);
    for (const other of otherThan(servers, server)) network.cutBothWays(server.host, other.host);
    return `server ${server.id}`;
  },
  oneWay: ({ network, servers }, random) => {
    const server = random.pick(servers);
    const deaf = random.chance(0.5);
    for (const other of otherThan(servers, server)) {
      if (deaf) network.cutOneWay(other.host, server.host);
      else network.cutOneWay(server.host, other.host);
    }
    return `server ${server.id} ${deaf ? 'hears' : 'is heard by'} nobody`;
  },
  halves: ({ network, servers }, random) => {
    const mixed = shuffled(servers, random);
    const half = mixed.slice(0, mixed.length >> 1);
    for (const a of half) for (const b of mixed) if (!half.includes(b)) network.cutBothWays(a.host, b.host);
    return `${names(half)} from the others`;
  },
  /** Two halves that only one server can see both of. */
  bridge: ({ network, servers }, random) => {
    const [bridge, ...rest] = shuffled(servers, random);
    const half = rest.slice(0, rest.length >> 1);
    for (const a of half) for (const b of rest) if (!half.includes(b)) network.cutBothWays(a.host, b.host);
    return `over server ${bridge!.id}`;
  },
  flapping: (targets, random) => {
    const { time, network, servers } = targets;
    if (servers.length < 2) return 'one server has no links';
    const [a, b] = shuffled(servers, random);
    for (let at = 0, i = 0; i < 6; i++, at += random.delay(150)) {
      if (i % 2 === 0) strikeLater(targets, at, () => network.cutBothWays(a!.host, b!.host));
      else time.after(at, () => network.heal());
    }
    return `the link of ${a!.id} and ${b!.id}`;
  },
  slowLink: ({ network, servers }, random) => {
    if (servers.length < 2) return 'one server has no links';
    const [a, b] = shuffled(servers, random);
    network.slowDown(a!.host, b!.host, random.pick([20, 100]));
    return `from ${a!.id} to ${b!.id}`;
  },
  lostClient: ({ network, servers, clientHosts }, random) => {
    const client = random.pick(clientHosts);
    // From one server only, it goes to another, and leaves a connection behind that nobody has closed.
    const from = random.chance(0.5) ? [random.pick(servers)] : servers.filter(() => random.chance(0.7));
    for (const { host } of from) network.cutBothWays(client, host);
    return `${client} from ${names(from)}`;
  },
  /** A client comes back from another address: its server goes on waiting for it at the old one. */
  movedClient: ({ network, clientHosts }, random) => {
    const client = random.pick(clientHosts);
    network.loseAddress(client);
    return client;
  },
  heal: ({ network }) => {
    network.heal();
    return 'all links';
  },
  trap: (targets, random) => {
    const { time, traps, servers, network } = targets;
    const moment = random.pick(MOMENTS);
    const how = random.pick(['crash', 'crash', 'crash all', 'isolate', 'pause'] as const);
    const afterMs = random.pick([0, 0, random.delay(2), random.delay(30)]);
    traps.arm(moment, (server) => {
      const { lifeNumber } = server;
      strikeLater(targets, afterMs, () => {
        if (server.lifeNumber !== lifeNumber) return;
        if (how === 'crash') fell(server, targets, random);
        else if (how === 'crash all') for (const each of servers) fell(each, targets, random);
        else if (how === 'pause') {
          server.pause();
          time.after(random.delay(1500), () => server.lifeNumber === lifeNumber && server.resume());
        } else for (const other of otherThan(servers, server)) network.cutBothWays(server.host, other.host);
      });
    });
    return `${how} at ${moment}`;
  },
  snapshot: ({ servers }, random) => {
    const server = random.pick(servers);
    server.takeSnapshot();
    return `server ${server.id}`;
  },
  clockJump: ({ servers }, random) => {
    const server = random.pick(servers);
    const byMs = random.pick([-1, 1]) * random.delay(random.pick([1_000, 3_600_000]));
    server.clock.jumpWall(Math.round(byMs));
    return `server ${server.id} by ${Math.round(byMs)} ms`;
  },
  ...diskFaults,
};
