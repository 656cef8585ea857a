/** Log collection beside `tail -F | cat`: what a collector carries, how fast a dead one is replaced, what moves. */
import { DEFAULT_SETTINGS, POLICIES, type Policy } from '@menagerie/logs-core';
import { VirtualCluster } from '@menagerie/logs-core/simulation';
import type { Bench, Recorder } from '../harness/bench.js';
import { measureReplacement } from './replacement.js';
import { collectWithMenagerie, collectWithTail } from './throughput.js';

const MENAGERIE = 'menagerie';
const TAIL = 'tail';

export const logsBench: Bench = {
  subjects: [MENAGERIE, TAIL],
  titles: { [TAIL]: 'tail -F | cat' },
  settings: { mebibytes: 256, files: 4, collectors: 1_000, sources: 10_000 },
  parts: {
    throughput: {
      about:
        'one agent, one collector, files that are there already: bytes and lines a second to a synced, compressed sink',
      async run(subject, record, context) {
        const size = { mebibytes: context.setting('mebibytes'), files: context.setting('files') };
        const { bytes, lines, tookMs, cpuMs } = await (subject === TAIL
          ? collectWithTail(size)
          : collectWithMenagerie(size));
        record.add({ name: 'bytes collected', unit: 'MB/s' }, bytes / 1_000 / tookMs);
        record.add({ name: 'lines collected', unit: 'lines/s' }, (lines * 1_000) / tookMs);
        record.add({ name: 'CPU', unit: 'ms/GB' }, (cpuMs * 1e9) / bytes);
      },
    },
    replacement: {
      about: 'kill -9 of one of three collectors: until it is noticed, until its sources are with others',
      maxRounds: 3,
      async run(subject, record) {
        if (subject === TAIL) return;
        const { noticedMs, movedMs, moved, had } = await measureReplacement();
        record.add({ name: 'noticed after (1.5 s is silence)', unit: 'ms' }, noticedMs);
        record.add({ name: 'moved after (and 1 s of delay)', unit: 'ms' }, movedMs);
        record.add({ name: 'moved beyond what it had', unit: 'sources' }, moved - had);
      },
    },
    allocation: {
      about:
        'a thousand collectors and ten thousand sources on the virtual clock: one more joins, one dies; one reader a source',
      maxRounds: 1,
      run(subject, record, context) {
        const size = { collectors: context.setting('collectors'), sources: context.setting('sources') };
        if (subject === MENAGERIE) for (const policy of POLICIES) simulate(policy, record, size);
        return Promise.resolve();
      },
    },
  },
};

/** Defaults: polled each second, silent after 6 s, moved 10 s later, debounced by 1.5 s. */
const SETTLED_S = 10;
const REPLACED_S = 40;

/** The cluster itself asserts in each second that no source has two readers. */
function simulate(policy: Policy, record: Recorder, size: { collectors: number; sources: number }): void {
  const ids = Array.from({ length: size.collectors }, (_, at) => `collector-${at + 1}`);
  const cluster = new VirtualCluster().addSources(size.sources).start(...ids);
  cluster.settings = { ...DEFAULT_SETTINGS, policy };
  cluster.go(SETTLED_S);
  const joined = cluster.movesOf(() => cluster.start('newcomer').go(SETTLED_S));
  const share = Math.ceil(size.sources / (size.collectors + 1));
  const most = policy === 'local' ? { target: { atMost: share } } : {};
  record.add({ name: `${policy}: moves for one collector more`, unit: 'sources', ...most }, joined);

  const killedAtMs = cluster.nowMs;
  const had = cluster.get('collector-7').list.sources.length;
  let movedAtMs = 0;
  const moved = cluster.movesOf(() => {
    cluster.kill('collector-7');
    for (let second = 0; second < REPLACED_S; second++) {
      cluster.go(1);
      const left = cluster.get('collector-7').list.sources.length;
      if (movedAtMs === 0 && left === 0 && cluster.owners().size === size.sources) movedAtMs = cluster.nowMs;
    }
  });
  record.add(
    { name: `${policy}: a dead one's sources are with others after`, unit: 's' },
    (movedAtMs - killedAtMs) / 1_000,
  );
  record.add({ name: `${policy}: moves beyond what it had`, unit: 'sources' }, moved - had);
  const even = { target: { atMost: policy === 'local' ? 1.4 : 1.2 } };
  record.add({ name: `${policy}: largest over mean`, unit: 'x', ...even }, cluster.imbalance());
  const beganMs = performance.now();
  cluster.go(SETTLED_S);
  record.add({ name: `${policy}: time of one poll's decision`, unit: 'ms' }, (performance.now() - beganMs) / SETTLED_S);
}
