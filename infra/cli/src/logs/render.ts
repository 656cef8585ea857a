/** Log collection as people read it. */
import type { HistoryEntry, ReignView } from '@menagerie/logs-core';
import type { CollectedSource } from '@menagerie/logs-sink';
import { table } from '../output/table.js';

export function renderReign(reign: ReignView & { readonly leader: string }): readonly string[] {
  const { settings, cost } = reign;
  const rows = reign.collectors.map(({ id, verdict, list, load, lagBytes, reportAgeMs }) => [
    id,
    list.draining ? `${verdict}, draining` : verdict,
    String(list.gen),
    `${Math.round(load * 100)} %`,
    `${lagBytes} B`,
    reportAgeMs === null ? '-' : `${(reportAgeMs / 1_000).toFixed(1)} s`,
    String(list.sources.length),
    list.sources.join(' '),
  ]);
  return [
    `allocator ${reign.leader}, policy ${settings.policy}, learns of reports by ${settings.mode}`,
    `${reign.sources} sources, ${reign.unassigned.length} without a collector, ${reign.inTransit} on their way; ` +
      `imbalance ${reign.imbalance.toFixed(2)}, ${reign.moves} moves since it leads`,
    `${reign.polls} polls, ${cost.reads} reports read, ${cost.notifications} notifications` +
      (reign.frozen ? '; FROZEN: too many are silent at once to believe it' : ''),
    '',
    ...table(
      [
        { title: 'COLLECTOR' },
        { title: 'STATE' },
        { title: 'GEN', align: 'right' },
        { title: 'LOAD', align: 'right' },
        { title: 'BEHIND', align: 'right' },
        { title: 'REPORTED', align: 'right' },
        { title: 'SOURCES', align: 'right' },
        { title: '' },
      ],
      rows,
    ),
  ];
}

export function renderCollected(sources: readonly CollectedSource[]): readonly string[] {
  return table(
    [
      { title: 'SOURCE' },
      { title: 'GEN', align: 'right' },
      { title: 'LINES', align: 'right' },
      { title: 'POSITION', align: 'right' },
      { title: 'FILES', align: 'right' },
      { title: 'DAYS' },
    ],
    sources.map(({ source, gen, lines, position, files }) => [
      source,
      String(gen),
      String(lines),
      String(position),
      String(files.length),
      [...new Set(files.map(({ day }) => day))].join(' '),
    ]),
  );
}

/** Each change, oldest first, with the first of its reasons. */
export function renderHistory(entries: readonly HistoryEntry[]): readonly string[] {
  return table(
    [{ title: 'WHEN' }, { title: 'GEN', align: 'right' }, { title: 'BY' }, { title: 'LISTS' }, { title: 'WHY' }],
    entries.map(({ at, by, gen, why, lists }) => [
      new Date(at).toISOString(),
      String(gen),
      by,
      Object.entries(lists)
        .map(([id, sources]) => `${id} ${sources === null ? 'gone' : sources.length}`)
        .join(', '),
      why.length > 1 ? `${why[0]}, and ${why.length - 1} more` : (why[0] ?? ''),
    ]),
  );
}

export function renderLists({ at, by, gen, lists }: HistoryEntry): readonly string[] {
  return [
    at === 0 ? 'no list had been written yet' : `since ${new Date(at).toISOString()}, gen ${gen}, by ${by}`,
    ...table(
      [{ title: 'COLLECTOR' }, { title: 'SOURCES', align: 'right' }, { title: '' }],
      Object.entries(lists)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, sources]) => [id, String(sources?.length ?? 0), (sources ?? []).join(' ')]),
    ),
  ];
}
