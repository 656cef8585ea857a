/** Our server beside Apache ZooKeeper 3.8: the whole table of targets. */
import type { Bench } from '../harness/bench.js';
import { lineChart } from '../harness/plot.js';
import { highestLoadCpuShare } from '../load/load.js';
import { ENGINES, whyNotAvailable } from './engines.js';
import { failover } from './failover.js';
import { disk, idle } from './idle.js';
import { latency, pings } from './latency.js';
import { growth, nodes } from './nodes.js';
import { promises } from './promises.js';
import { sessions } from './sessions.js';
import { READ_PERCENTS, readRatio, readRatioName, throughput } from './throughput.js';

const OPS = ['get', 'set', 'create', 'mix'] as const;
const TITLES = { menagerie: 'ours', apache: 'Apache 3.8' } as const;
const COLOURS = { menagerie: '#0a6', apache: '#c60' } as const;

export const ensembleBench: Bench = {
  subjects: ENGINES,
  titles: TITLES,
  settings: { nodes: 1_000_000, sessions: 10_000 },
  parts: {
    standalone: throughput({ servers: 1, sizes: [100, 1024], ops: OPS }),
    three: throughput({ servers: 3, sizes: [100, 1024], ops: OPS }),
    five: throughput({ servers: 5, sizes: [100, 1024], ops: OPS }),
    ratio: readRatio,
    latency,
    pings,
    failover,
    idle,
    disk,
    sessions,
    nodes,
    growth,
  },
  unavailable: whyNotAvailable,
  summary: promises,
  notes: () => [
    'One `zoo.cfg`, one disk, fsync on both sides; 1 KiB values, 8 connections with 64 outstanding each unless said.',
    `The load generator used at most ${(highestLoadCpuShare() * 100).toFixed(0)} % of a core.`,
  ],
  plots(median) {
    const series = ENGINES.map((engine) => ({
      name: TITLES[engine],
      colour: COLOURS[engine],
      points: READ_PERCENTS.map((percent) => [percent, median(readRatioName(percent), engine)] as const),
    }));
    if (series.some(({ points }) => points.some(([, rate]) => Number.isNaN(rate)))) return [];
    const svg = lineChart('Three servers, 1 KiB', 'reads, %', 'operations a second', series);
    return [{ fileName: 'ensemble-read-ratio.svg', svg }];
  },
  guard: {
    rounds: 2,
    seconds: 2,
    parts: {
      standalone: throughput({ servers: 1, sizes: [1024], ops: ['get', 'set', 'create'] }),
      three: throughput({ servers: 3, sizes: [1024], ops: ['get', 'set'] }),
      idle,
      disk,
      sessions,
    },
    keeps: (row) => /CPU|memory, idle|idle sessions|bytes/.test(row),
    baselineFile: 'ensemble.baseline.json',
    tolerance: 1.3,
  },
};
