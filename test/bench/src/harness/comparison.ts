/** All values of a run, their medians, and the ratio that is the result. */
import type { Bench, Measure, Target } from './bench.js';
import { median, short } from './statistics.js';

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly values: Readonly<Record<string, readonly number[]>>;
  /** By subject; a subject that was not measured has none. */
  readonly medians: Readonly<Record<string, number>>;
  /** First / second subject; null with one subject, or when one is missing. */
  readonly ratio: number | null;
  /** The peer against itself: its highest round over its lowest. A ratio nearer to 1 than this says nothing. */
  readonly noise: number | null;
  readonly target: string;
  /** Empty without a target. */
  readonly verdict: '' | 'met' | 'missed' | 'not measured';
}

export class Comparison {
  private readonly measures = new Map<string, Measure>();
  private readonly values = new Map<string, Map<string, number[]>>();

  constructor(private readonly subjects: Bench['subjects']) {}

  add(measure: Measure, subject: string, value: number): void {
    this.measures.set(measure.name, measure);
    let bySubject = this.values.get(measure.name);
    if (bySubject === undefined) this.values.set(measure.name, (bySubject = new Map()));
    const values = bySubject.get(subject);
    if (values === undefined) bySubject.set(subject, [value]);
    else values.push(value);
  }

  /** `NaN` when it was not measured. */
  median(name: string, subject: string): number {
    const values = this.values.get(name)?.get(subject) ?? [];
    return values.length === 0 ? NaN : median(values);
  }

  rows(): Row[] {
    const [first, second] = this.subjects;
    return [...this.measures.values()].map((measure) => {
      const bySubject = this.values.get(measure.name)!;
      const medians = Object.fromEntries([...bySubject].map(([subject, values]) => [subject, median(values)]));
      const ours = medians[first] ?? NaN;
      const ratio = second === undefined ? NaN : ours / (medians[second] ?? NaN);
      const peers = second === undefined ? [] : (bySubject.get(second) ?? []);
      return {
        name: measure.name,
        unit: measure.unit,
        values: Object.fromEntries(bySubject),
        medians,
        ratio: Number.isFinite(ratio) ? ratio : null,
        noise: peers.length > 1 ? Math.max(...peers) / Math.min(...peers) : null,
        target: targetText(measure),
        verdict: verdict(measure.target, ours, ratio),
      };
    });
  }

  /** Header and rows of text for `table`. */
  table(titles: Readonly<Record<string, string>> = {}): { header: string[]; rows: string[][] } {
    const [, second] = this.subjects;
    const columns = this.subjects.map((subject) => titles[subject] ?? subject);
    const isPair = second !== undefined;
    return {
      header: ['measure', 'unit', ...columns, ...(isPair ? ['ratio', 'noise'] : []), 'target', ''],
      rows: this.rows().map((row) => [
        row.name,
        row.unit,
        ...this.subjects.map((subject) => short(row.medians[subject] ?? NaN)),
        ...(isPair ? [short(row.ratio ?? NaN), row.noise === null ? '' : `x${short(row.noise)}`] : []),
        row.target,
        row.verdict,
      ]),
    };
  }
}

function targetText({ target, unit }: Measure): string {
  if (target === undefined) return '';
  const parts: string[] = [];
  if (target.ratioAtLeast !== undefined) parts.push(`>= ${target.ratioAtLeast}x`);
  if (target.ratioAtMost !== undefined) parts.push(`<= ${target.ratioAtMost}x`);
  if (target.under !== undefined) parts.push(`< ${target.under} ${unit}`);
  if (target.atMost !== undefined) parts.push(`<= ${target.atMost} ${unit}`);
  if (target.atLeast !== undefined) parts.push(`>= ${target.atLeast} ${unit}`);
  return parts.join(', ');
}

function verdict(target: Target | undefined, ours: number, ratio: number): Row['verdict'] {
  if (target === undefined) return '';
  const { ratioAtLeast, ratioAtMost, under, atMost, atLeast } = target;
  const needsRatio = ratioAtLeast !== undefined || ratioAtMost !== undefined;
  if (Number.isNaN(ours) || (needsRatio && Number.isNaN(ratio))) return 'not measured';
  const isMet =
    (ratioAtLeast === undefined || ratio >= ratioAtLeast) &&
    (ratioAtMost === undefined || ratio <= ratioAtMost) &&
    (under === undefined || ours < under) &&
    (atMost === undefined || ours <= atMost) &&
    (atLeast === undefined || ours >= atLeast);
  return isMet ? 'met' : 'missed';
}
