/** What a single caller waits, and what a quiet one waits beside a full load. */
import type { Part, Recorder } from '../harness/bench.js';
import { load, prepare } from '../load/load.js';
import { aFollower, hostsOf, startEngine } from './engines.js';

const SIZE = 1024;
const WARMUP_MS = 2000;

export const latency: Part = {
  about: 'one request at a time on a follower and on the leader of three: p50, p99, p99.9 of set and get, 1 KiB',
  async run(subject, record, { measureMs }) {
    await using ensemble = await startEngine(subject, { servers: 3 });
    const places = { follower: await aFollower(ensemble), leader: await ensemble.waitForLeader() };
    await prepare([places.follower.address], SIZE);
    for (const [place, { address }] of Object.entries(places)) {
      for (const op of ['set', 'get'] as const) {
        const single = { hosts: [address], op, connections: 1, outstanding: 1, size: SIZE } as const;
        const { p50Us, p99Us, p999Us } = await load({ ...single, warmupMs: WARMUP_MS, measureMs });
        const name = `${op} one at a time, on ${place === 'leader' ? 'the leader' : 'a follower'}`;
        const target = op === 'set' && place === 'follower' ? { target: { ratioAtMost: 0.8 } } : {};
        record.add({ name: `${name}: p50`, unit: 'us', ...target }, p50Us);
        record.add({ name: `${name}: p99`, unit: 'us', ...target }, p99Us);
        record.add({ name: `${name}: p99.9`, unit: 'us' }, p999Us);
      }
    }
  },
};

/** For our server this is the delay of its event loop, seen from outside; for Apache's that of its request threads. */
export const pings: Part = {
  about: 'a ping at a time beside a full load of gets, and of sets, on one server: p50, p99',
  async run(subject, record, { measureMs }) {
    await using ensemble = await startEngine(subject, { servers: 1 });
    const hosts = hostsOf(ensemble);
    await prepare(hosts, SIZE);
    for (const op of ['get', 'set'] as const) await beside(op, hosts, measureMs, record);
  },
};

async function beside(op: 'get' | 'set', hosts: readonly string[], measureMs: number, record: Recorder): Promise<void> {
  const full = { hosts, op, connections: 8, outstanding: 64, size: SIZE, warmupMs: WARMUP_MS } as const;
  const single = { hosts, op: 'ping', connections: 1, outstanding: 1, size: 0, warmupMs: WARMUP_MS } as const;
  // The load lasts a little longer than what is measured beside it.
  const [, { p50Us, p99Us }] = await Promise.all([
    load({ ...full, measureMs: measureMs + 200 }),
    load({ ...single, measureMs }),
  ]);
  record.add({ name: `ping beside a full load of ${op}s: p50`, unit: 'us' }, p50Us);
  record.add({ name: `ping beside a full load of ${op}s: p99`, unit: 'us' }, p99Us);
}
