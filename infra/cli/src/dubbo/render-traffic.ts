/** Live traffic as two tables: what is served, and what is called. */
import { table } from '../output/table.js';

interface Counts {
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface TrafficOfProcess {
  readonly process: string;
  readonly traffic: {
    readonly application: string;
    readonly served: readonly ({ readonly method: string } & Counts)[];
    readonly called: readonly {
      readonly service: string;
      readonly sent: number;
      readonly answered: number;
      readonly retried: number;
      readonly failed: number;
      readonly causes: Readonly<Record<string, number>>;
      readonly providers: readonly ({ readonly address: string; readonly isReachable: boolean } & Counts)[];
    }[];
  } | null;
  readonly problem?: string;
}

const right = (title: string) => ({ title, align: 'right' as const });

export function traffic(all: readonly TrafficOfProcess[]): readonly string[] {
  const served = all.flatMap(({ process, traffic: one }) =>
    (one?.served ?? [])
      .filter(({ active, succeeded, failed }) => active + succeeded + failed > 0)
      .map((row) => [process, row.method, String(row.active), String(row.succeeded), String(row.failed)]),
  );
  const called = all.flatMap(({ process, traffic: one }) =>
    (one?.called ?? []).flatMap(({ service, sent, answered, retried, failed, causes, providers }) => [
      [process, service, 'all', String(sent), String(answered), String(retried), String(failed), textOf(causes)],
      ...providers.map((provider) => {
        const tries = provider.active + provider.succeeded + provider.failed;
        const state = provider.isReachable ? '' : 'not reachable';
        return [
          '',
          '',
          provider.address,
          String(tries),
          String(provider.succeeded),
          '',
          String(provider.failed),
          state,
        ];
      }),
    ]),
  );
  return [
    ...table(
      [{ title: 'SERVED BY' }, { title: 'METHOD' }, right('ACTIVE'), right('ANSWERED'), right('FAILED')],
      served,
    ),
    '',
    ...table(
      [
        { title: 'CALLED BY' },
        { title: 'SERVICE' },
        { title: 'AT' },
        right('SENT'),
        right('ANSWERED'),
        right('RETRIED'),
        right('FAILED'),
        { title: 'CAUSES' },
      ],
      called,
    ),
    ...all.filter((one) => one.traffic === null).map(({ process, problem }) => `${process} says nothing: ${problem}`),
  ];
}

const textOf = (causes: Readonly<Record<string, number>>): string =>
  Object.entries(causes)
    .map(([cause, count]) => `${cause} ${count}`)
    .join(', ');
