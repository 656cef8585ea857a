/**
 * What can go wrong, and when. The atlas holds only faults that the design promises to survive: crashes of any number of
 * servers (what was synced stays), pauses, lost connections. A seed picks which of them strike.
 */
import type { Random } from './random.js';
import type { SimulatedNetwork } from './simulated-network.js';
import type { SimulatedServer } from './simulated-server.js';
import type { Recorder } from './recorder.js';
import type { VirtualTime } from './virtual-time.js';

export interface FaultTargets {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly recorder: Recorder;
  readonly servers: readonly SimulatedServer[];
}

type Fault = (targets: FaultTargets, random: Random) => string;

const otherThan = (servers: readonly SimulatedServer[], one: SimulatedServer) =>
  servers.filter((server) => server !== one);

const faults: Readonly<Record<string, Fault>> = {
  crash: ({ time, servers }, random) => {
    const server = random.pick(servers);
    server.crash();
    time.after(random.delay(1500), () => server.isUp || server.start());
    return `server ${server.id}`;
  },
  /** The one whose disk and word count most, in the middle of its work; sometimes for long. */
  crashLeader: ({ time, servers }, random) => {
    const leader = servers.find((server) => server.isLeading);
    if (leader === undefined) return 'nobody leads';
    leader.crash();
    time.after(random.delay(random.pick([50, 1500])), () => leader.isUp || leader.start());
    return `server ${leader.id}`;
  },
  crashAll: ({ time, servers }, random) => {
    for (const server of servers) {
      server.crash();
      time.after(random.delay(1000), () => server.isUp || server.start());
    }
    return 'every server';
  },
  pause: ({ time, servers }, random) => {
    const server = random.pick(servers);
    server.pause();
    time.after(random.delay(2000), () => server.resume());
    return `server ${server.id}`;
  },
  hangUp: ({ network, servers }, random) => {
    const server = random.pick(servers);
    network.hangUp(server.host);
    return `every connection of server ${server.id}`;
  },
  isolate: ({ network, servers }, random) => {
    const server = random.pick(servers);
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
  /** Two halves that only one server can see both of. */
  bridge: ({ network, servers }, random) => {
    const bridge = random.pick(servers);
    const rest = otherThan(servers, bridge);
    const half = rest.slice(0, rest.length >> 1);
    for (const a of half) for (const b of rest) if (!half.includes(b)) network.cutBothWays(a.host, b.host);
    return `over server ${bridge.id}`;
  },
  heal: ({ network }) => {
    network.heal();
    return 'all links';
  },
  snapshot: ({ servers }, random) => {
    const server = random.pick(servers);
    server.takePeriodicSnapshot();
    return `server ${server.id}`;
  },
};

/** Strikes again and again until the time given; then nothing more is broken, and nothing is mended either. */
export function strike(targets: FaultTargets, random: Random, untilMs: number): void {
  const { time, recorder } = targets;
  const names = Object.keys(faults);
  // A seed has its own mix: some know only crashes, some only cuts, most a little of everything.
  const mix = names.filter((name) => name === 'heal' || name === 'snapshot' || random.chance(0.5));
  const meanGapMs = random.pick([200, 700, 2500]);
  const next = () => {
    time.after(random.delay(meanGapMs), () => {
      if (time.nowMs >= untilMs) return;
      const name = random.pick(mix);
      const what = faults[name]?.(targets, random) ?? '';
      recorder.tell(time.nowMs, `fault ${name}: ${what}`);
      next();
    });
  };
  next();
}

/** The end of all trouble. */
export function mend({ network, servers }: FaultTargets): void {
  network.heal();
  for (const server of servers) {
    if (server.isPaused) server.resume();
    if (!server.isUp) server.start();
  }
}
