/** What happened, and when; and which claims held. */

export interface Moment {
  /** Since the demo began. */
  readonly atMs: number;
  readonly text: string;
}

export interface Verdict {
  readonly claim: string;
  readonly held: boolean;
  readonly evidence: string;
}

/** More moments than this are no story. */
const MAX_MOMENTS = 1_000;

export class Timeline {
  readonly #moments: Moment[] = [];
  readonly #verdicts: Verdict[] = [];
  readonly #beganMs: number;

  /**
   * @param now milliseconds of a clock that never goes back
   * @param onMoment told of each moment as it comes
   */
  constructor(
    private readonly now: () => number,
    private readonly onMoment: (moment: Moment) => void,
  ) {
    this.#beganMs = now();
  }

  mark(text: string): void {
    if (this.#moments.length >= MAX_MOMENTS) return;
    const moment = { atMs: Math.round(this.now() - this.#beganMs), text };
    this.#moments.push(moment);
    this.onMoment(moment);
  }

  verify(claim: string, held: boolean, evidence: string): void {
    this.#verdicts.push({ claim, held, evidence });
  }

  get moments(): readonly Moment[] {
    return this.#moments;
  }

  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }
}

export function formatMoment({ atMs, text }: Moment): string {
  return `${`+${(atMs / 1000).toFixed(2)} s`.padStart(10)}  ${text}`;
}
