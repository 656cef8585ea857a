/** A submitted application: its state, its attempts and how it was submitted (RMAppImpl). */
import { strict as assert } from 'node:assert';
import {
  ApplicationState,
  type ApplicationRecord,
  clientStateOf,
  isFinalAppState,
  RmAppState,
  type StoredAppState,
  type SubmissionContext,
} from '@menagerie/yarn-protocol';
import type { Attempt } from './attempt.js';

const S = RmAppState;

/** Every move an application may make; any other is a broken invariant. */
const legalMoves: Readonly<Record<RmAppState, readonly RmAppState[]>> = {
  [S.New]: [S.NewSaving, S.Submitted, S.Finished, S.Failed, S.Killed],
  [S.NewSaving]: [S.Submitted, S.Killing, S.FinalSaving],
  [S.Submitted]: [S.Accepted, S.Killing, S.FinalSaving],
  [S.Accepted]: [S.Running, S.Killing, S.FinalSaving],
  [S.Running]: [S.Accepted, S.Killing, S.FinalSaving],
  [S.Killing]: [S.FinalSaving],
  [S.FinalSaving]: [S.Finishing, S.Finished, S.Failed, S.Killed],
  [S.Finishing]: [S.Finished],
  [S.Finished]: [],
  [S.Failed]: [],
  [S.Killed]: [],
};

export class Application {
  private current: RmAppState = S.New;
  private shown: ApplicationState = ApplicationState.New;
  /** Invariant: in the order of their numbers; all but the last are over. */
  readonly attempts: Attempt[] = [];
  startTimeMs: number;
  finishTimeMs = 0;
  diagnostics = '';
  /** What FINAL_SAVING leads to. */
  target: StoredAppState | null = null;

  constructor(
    readonly context: SubmissionContext,
    readonly user: string,
    readonly submitTimeMs: number,
    /** Place in the order of submission. */
    readonly order: number,
  ) {
    this.startTimeMs = submitTimeMs;
  }

  get id(): string {
    return this.context.applicationId;
  }

  get state(): RmAppState {
    return this.current;
  }

  get clientState(): ApplicationState {
    return this.shown;
  }

  get attempt(): Attempt | null {
    return this.attempts.at(-1) ?? null;
  }

  get isOver(): boolean {
    return isFinalAppState(this.current);
  }

  /** Its end is decided, stored or not. */
  get isEnding(): boolean {
    return this.isOver || this.current === S.FinalSaving || this.current === S.Finishing || this.current === S.Killing;
  }

  /** Its end is in the store: its master need not hold out any longer. */
  get isEndStored(): boolean {
    return this.isOver || this.current === S.Finishing;
  }

  become(next: RmAppState): void {
    assert(legalMoves[this.current].includes(next), `${this.id} cannot go from ${this.current} to ${next}`);
    this.current = next;
    this.shown = clientStateOf(next, this.shown);
  }

  /** Attempts that failed by the application's own fault. */
  get failures(): number {
    return this.attempts.filter((one) => one.state === 'FAILED' && !one.isFrameworkFailure).length;
  }

  static recovered(record: ApplicationRecord, order: number): Application {
    const application = new Application(record.context, record.user, record.submitTimeMs, order);
    application.startTimeMs = record.startTimeMs;
    application.diagnostics = record.diagnostics;
    application.finishTimeMs = record.finishTimeMs;
    application.become(record.finalState ?? S.Submitted);
    return application;
  }

  record(finalState: StoredAppState | null): ApplicationRecord {
    return {
      context: this.context,
      user: this.user,
      submitTimeMs: this.submitTimeMs,
      startTimeMs: this.startTimeMs,
      finalState,
      diagnostics: this.diagnostics,
      finishTimeMs: this.finishTimeMs,
    };
  }
}
