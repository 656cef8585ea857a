/** What was tried where, and with what result: the table the suite prints, and the evidence that nothing was left out. */
import { OpCode } from '@menagerie/zookeeper-protocol';
import type { ClaimGroup } from './claim.js';

/** Never on the wire of a client: a transaction's type, not a request's. */
const NOT_REQUESTS: readonly string[] = ['error'];

/** Operations no group is about. */
export function uncoveredOperations(groups: readonly ClaimGroup[]): string[] {
  const covered = new Set(groups.filter(({ claims }) => claims.length > 0).map(({ subject }) => subject));
  return Object.keys(OpCode).filter((name) => !covered.has(name) && !NOT_REQUESTS.includes(name));
}

interface Score {
  held: number;
  tried: number;
  deviating: number;
}

export class Scoreboard {
  private readonly scores = new Map<string, Score>();
  private readonly columns: string[] = [];
  /** By engine, by operation: the errors it was seen to answer with. */
  private readonly errors = new Map<string, Map<number, Set<string>>>();

  constructor(private readonly subjects: readonly string[]) {}

  record(subject: string, column: string, held: boolean, deviating: boolean): void {
    if (!this.columns.includes(column)) this.columns.push(column);
    const key = `${subject} ${column}`;
    const score = this.scores.get(key) ?? { held: 0, tried: 0, deviating: 0 };
    score.tried++;
    if (held) score.held++;
    if (deviating) score.deviating++;
    this.scores.set(key, score);
  }

  observed(engine: string, type: number, error: string): void {
    const byType = this.errors.get(engine) ?? new Map<number, Set<string>>();
    this.errors.set(engine, byType);
    const seen = byType.get(type) ?? new Set();
    byType.set(type, seen.add(error));
  }

  /** The errors an engine gave for an operation, alphabetically, successes left out. */
  errorsOf(engine: string, type: number): string[] {
    return [...(this.errors.get(engine)?.get(type) ?? [])].filter((error) => error !== 'Ok').sort();
  }

  /** Subjects x columns: claims that held of claims tried, `~` for answers that differ from Apache's on purpose. */
  toString(): string {
    const rows = this.subjects.map((subject) => [subject, ...this.columns.map((column) => this.cell(subject, column))]);
    const totals = ['all', ...this.columns.map((column) => this.total(column))];
    return alignColumns([['subject', ...this.columns], ...rows, totals]);
  }

  private cell(subject: string, column: string): string {
    const score = this.scores.get(`${subject} ${column}`);
    if (score === undefined) return '-';
    return `${score.held}/${score.tried}${score.deviating > 0 ? ` ~${score.deviating}` : ''}`;
  }

  private total(column: string): string {
    const of = this.subjects
      .map((subject) => this.scores.get(`${subject} ${column}`))
      .filter((score) => score !== undefined);
    const sum = (key: keyof Score): number => of.reduce((total, score) => total + score[key], 0);
    return `${sum('held')}/${sum('tried')}${sum('deviating') > 0 ? ` ~${sum('deviating')}` : ''}`;
  }
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_cell, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')).join('\n');
}
