/** Many sessions on one server: how fast they come, what they cost, and how long it takes to tell them all. */
import { setTimeout } from 'node:timers/promises';
import type { Part } from '../harness/bench.js';
import { gatherCrowd } from '../load/crowd.js';
import { prepare } from '../load/load.js';
import { residentMiB } from '../load/process-usage.js';
import { hostsOf, onlyServer, startEngine } from './engines.js';

const WATCH_ROUNDS = 3;
/** Sessions that do nothing are pinging: what that leaves behind, and what the storm did, is part of what they cost. */
const IDLE_MS = 10_000;

export const sessions: Part = {
  about: 'many sessions at once: connect storm, memory while idle, one set told to a watcher in each',
  async run(subject, record, context) {
    const count = context.setting('sessions');
    const name = count.toLocaleString('en-US');
    await using ensemble = await startEngine(subject, { servers: 1 });
    const pid = onlyServer(ensemble).pid!;
    const hosts = hostsOf(ensemble);
    await prepare(hosts, 100);
    const before = residentMiB(pid);
    const idle = await gatherCrowd({ hosts, sessions: count });
    record.add({ name: `${name} sessions connect at once`, unit: 'ms' }, idle.connectedMs);
    record.add({ name: `memory, ${name} sessions just come`, unit: 'MiB' }, residentMiB(pid));
    await setTimeout(IDLE_MS);
    const memory = residentMiB(pid);
    record.add({ name: `memory, ${name} idle sessions`, unit: 'MiB', target: { ratioAtMost: 0.5 } }, memory);
    record.add({ name: `memory, growth by ${name} sessions`, unit: 'MiB' }, memory - before);
    await idle.disperse();
    const watching = await gatherCrowd({ hosts, sessions: count, watchRounds: WATCH_ROUNDS });
    for (const round of watching.rounds) {
      const measure = { name: `one set, ${name} watchers: last one told`, unit: 'ms', target: { ratioAtMost: 0.5 } };
      record.add(measure, round.lastUs / 1000);
    }
    await watching.disperse();
  },
};
