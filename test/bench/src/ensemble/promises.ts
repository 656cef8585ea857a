/** What the ensemble promises beside Apache, and which row of the bench answers it. */
import type { Summary, SummaryLine } from '../harness/bench.js';
import { READ_PERCENTS, readRatioName } from './throughput.js';

const line = (measure: string, row: string): SummaryLine => ({ measure, row });

const withCpu = (measure: string, row: string): SummaryLine[] => [
  line(`${measure}: operations a second`, row),
  line(`${measure}: server CPU an operation`, `${row}: server CPU`),
];

export const promises: Summary = {
  title: 'The ensemble beside Apache ZooKeeper 3.8',
  command: 'npm run bench -- ensemble',
  lines: [
    ...withCpu('get, 1 server', 'get 1024 B, 1 server'),
    ...withCpu('get, 3 servers', 'get 1024 B, 3 servers'),
    ...withCpu('set, 3 servers', 'set 1024 B, 3 servers'),
    line('create, 3 servers', 'create 1024 B, 3 servers'),
    line('70/30 mix, 3 servers', 'mix 1024 B, 3 servers'),
    line('one set at a time, on a follower: p50', 'set one at a time, on a follower: p50'),
    line('one set at a time, on a follower: p99', 'set one at a time, on a follower: p99'),
    line('leader killed: gap of a writing client', 'leader killed: longest gap between writes'),
    line('leader paused: gap of a writing client', 'leader paused: longest gap between writes'),
    line('exec to serving, empty', 'exec to serving, empty'),
    line('exec to serving, a million nodes', 'exec to serving, 1,000,000 nodes of 100 B'),
    line('memory, idle', 'memory, idle'),
    line('memory, a million nodes, from disk', 'memory, 1,000,000 nodes of 100 B, after the start'),
    line('memory, a million nodes, just made', 'memory, 1,000,000 nodes of 100 B, just made'),
    line('memory, 10,000 idle sessions', 'memory, 10,000 idle sessions'),
    line('longest wait beside a snapshot of a million nodes', 'longest wait while 1,000,000 nodes of 100 B are saved'),
    line('one set, 10,000 watchers: the last one told', 'one set, 10,000 watchers: last one told'),
    ...READ_PERCENTS.map((percent) => line(`3 servers, ${percent} % reads`, readRatioName(percent))),
  ],
};
