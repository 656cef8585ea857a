/** Log collection beside `tail -F | cat`: what a collector carries, how fast a dead one is replaced, what moves. */
import { allocate, countMoves, imbalance, POLICIES } from '@menagerie/logs-core';
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
        record.add({ name: 'collected', unit: 'MB/s' }, bytes / 1_000 / tookMs);
        record.add({ name: 'collected', unit: 'lines/s' }, (lines * 1_000) / tookMs);
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
        'a thousand collectors and ten thousand sources, and one collector more: moves and evenness of each policy',
      maxRounds: 1,
      run(subject, record, context) {
        if (subject === MENAGERIE) allocateMany(record, context.setting('collectors'), context.setting('sources'));
        return Promise.resolve();
      },
    },
  },
};

function allocateMany(record: Recorder, collectorCount: number, sourceCount: number): void {
  const sources = Array.from({ length: sourceCount }, (_, at) => ({ name: `source-${at}`, weight: 1 }));
  const collectors = Array.from({ length: collectorCount }, (_, at) => `collector-${at}`);
  for (const policy of POLICIES) {
    const before = allocate(policy, { sources, collectors, owners: new Map() });
    const grown = [...collectors, 'newcomer'];
    const beganMs = performance.now();
    const after = allocate(policy, { sources, collectors: grown, owners: before });
    const tookMs = performance.now() - beganMs;
    const counts = new Map(grown.map((id) => [id, 0]));
    for (const owner of after.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    const share = Math.ceil(sourceCount / grown.length);
    const most = policy === 'local' ? { target: { under: share + 1 } } : {};
    record.add(
      { name: `${policy}: moves for one collector more`, unit: 'sources', ...most },
      countMoves(before, after),
    );
    const even = { target: { under: policy === 'local' ? 1.4 : 1.2 } };
    record.add({ name: `${policy}: largest over mean`, unit: 'x', ...even }, imbalance([...counts.values()]));
    record.add({ name: `${policy}: time to decide`, unit: 'ms' }, tookMs);
  }
}
