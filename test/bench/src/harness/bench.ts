/** What a benchmark is: two subjects, measured in turn by the same parts. */

/** The ratio first / second subject, or the figure of the first alone. Several may have to hold. */
export interface Target {
  readonly ratioAtLeast?: number;
  readonly ratioAtMost?: number;
  /** Of the first subject, in the measure's unit. */
  readonly under?: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Measure {
  /** Names the row; the same measure has the same name in every round. */
  readonly name: string;
  readonly unit: string;
  readonly target?: Target;
}

export interface Recorder {
  add(measure: Measure, value: number): void;
}

export interface PartContext {
  /** Length of each single measurement. */
  readonly measureMs: number;
  /** A size that `--set name=value` may have changed; its default stands in `Bench.settings`. */
  setting(name: string): number;
}

export interface Part {
  /** One line for `--list`. */
  readonly about: string;
  /** For one that takes long and whose result holds still: not more rounds than this. */
  readonly maxRounds?: number;
  /** Measures one subject once. Starts and ends everything it needs; whatever it throws costs this part alone. */
  run(subject: string, record: Recorder, context: PartContext): Promise<void>;
}

export interface Plot {
  readonly fileName: string;
  readonly svg: string;
}

/** The table that a reader wants, printed last and written as Markdown: the promises, in the order they were made. */
export interface Summary {
  readonly title: string;
  /** The command that prints it. */
  readonly command: string;
  readonly lines: readonly SummaryLine[];
}

export interface SummaryLine {
  /** In the words of the promise. */
  readonly measure: string;
  /** Name of the row that answers it. */
  readonly row: string;
}

export interface Bench {
  /** Ours first. With one subject there are figures and no ratios. */
  readonly subjects: readonly [string] | readonly [string, string];
  /** Column titles, where the subjects' names will not do. */
  readonly titles?: Readonly<Record<string, string>>;
  /** Sizes and their defaults. */
  readonly settings?: Readonly<Record<string, number>>;
  readonly parts: Readonly<Record<string, Part>>;
  /** @returns why this machine can not run it, `null` if it can */
  unavailable?(): string | null;
  /** Drawn of the medians when all is over; only of rows that were measured. */
  plots?(median: (row: string, subject: string) => number): readonly Plot[];
  readonly summary?: Summary;
  /** What else a reader of the figures should know, when all is over; one line each. */
  notes?(): readonly string[];
  /** Ends what its parts share. Called once, when the last has run. */
  close?(): Promise<void>;
  readonly guard?: Guard;
}

/** What `--check` holds against figures kept in the repository: rows whose value holds still on a busy machine. */
export interface Guard {
  readonly rounds: number;
  readonly seconds: number;
  /** The parts run for it, as `Part`s of its own: shorter than those of the whole bench. */
  readonly parts: Readonly<Record<string, Part>>;
  /** Rows of the lower-is-better kind that hold still: CPU, memory, bytes; never a throughput. */
  keeps(row: string): boolean;
  /** File beside this package's `package.json`: row to the ratio that was reached. */
  readonly baselineFile: string;
  /** A ratio may be this many times the kept one. */
  readonly tolerance: number;
}
