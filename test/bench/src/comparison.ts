/** Rounds of A B A B, their medians, and the ratio that is the result. */
import type { Engine } from '@menagerie/zookeeper-testing';
import { ENGINES } from './engines.js';
import { median, short } from './statistics.js';

export type Figures = Readonly<Record<string, number>>;

export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** The ratio ours / Apache's that is aimed at, as in the issue that asked for it. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export class Comparison {
  private readonly values = new Map<string, Record<Engine, number[]>>();
  private readonly measures = new Map<string, Measure>();

  add(measure: Measure, engine: Engine, value: number): void {
    this.measures.set(measure.name, measure);
    const both = this.values.get(measure.name) ?? { menagerie: [], apache: [] };
    both[engine].push(value);
    this.values.set(measure.name, both);
  }

  /** Median of one engine, `NaN` when it was not measured. */
  median(name: string, engine: Engine): number {
    const values = this.values.get(name)?.[engine] ?? [];
    return values.length === 0 ? NaN : median(values);
  }

  rows(): string[][] {
    return [...this.measures.values()].map((measure) => {
      const [ours, theirs] = ENGINES.map((engine) => this.median(measure.name, engine)) as [number, number];
      const ratio = ours / theirs;
      return [measure.name, measure.unit, short(ours), short(theirs), short(ratio), ...verdict(ratio, measure)];
    });
  }

  toJSON(): object {
    return Object.fromEntries(
      [...this.values].map(([name, values]) => [name, { unit: this.measures.get(name)?.unit, ...values }]),
    );
  }
}

export const HEADER = ['measure', 'unit', 'ours', 'Apache 3.8', 'ratio', 'target', ''];

function verdict(ratio: number, { target }: Measure): [string, string] {
  if (!target) return ['', ''];
  if ('atLeast' in target) return [`>= ${target.atLeast}`, ratio >= target.atLeast ? 'met' : 'missed'];
  return [`<= ${target.atMost}`, ratio <= target.atMost ? 'met' : 'missed'];
}
