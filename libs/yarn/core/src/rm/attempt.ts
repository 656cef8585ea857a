/** One try to run an application: its state and what is known of it (RMAppAttemptImpl). */
import { strict as assert } from 'node:assert';
import {
  type AllocateResponse,
  type AttemptRecord,
  ContainerExitStatus,
  type ContainerStatus,
  type FinalStatus,
  isFinalAttemptState,
  isFrameworkFault,
  type MasterContainer,
  type NodeUpdate,
  RmAttemptState,
  type StoredAttemptState,
} from '@menagerie/yarn-protocol';

const S = RmAttemptState;

/** Every move an attempt may make; any other is a broken invariant. */
const legalMoves: Readonly<Record<RmAttemptState, readonly RmAttemptState[]>> = {
  [S.New]: [S.Submitted, S.Launched, S.Finished, S.Failed, S.Killed],
  [S.Submitted]: [S.Scheduled, S.FinalSaving],
  [S.Scheduled]: [S.AllocatedSaving, S.FinalSaving],
  [S.AllocatedSaving]: [S.Allocated, S.FinalSaving],
  [S.Allocated]: [S.Launched, S.Running, S.FinalSaving],
  [S.Launched]: [S.Running, S.FinalSaving],
  [S.Running]: [S.FinalSaving],
  [S.FinalSaving]: [S.Finishing, S.Finished, S.Failed, S.Killed],
  [S.Finishing]: [S.Finished],
  [S.Finished]: [],
  [S.Failed]: [],
  [S.Killed]: [],
};

/** The master's conversation with the ResourceManager. In memory only: a new active knows no master until it registers. */
export interface MasterSession {
  /** Invariant: of the last answer given; 0 after registering. */
  responseId: number;
  lastResponse: AllocateResponse | null;
  lastHeardMs: number;
  /** Ends told with the last answer: confirmed by the master's next call. */
  told: ContainerStatus[];
  nodeUpdates: NodeUpdate[];
}

export class Attempt {
  private current: RmAttemptState = S.New;
  masterContainer: MasterContainer | null = null;
  trackingUrl = '';
  diagnostics = '';
  startTimeMs: number;
  finishTimeMs = 0;
  finalStatus: FinalStatus | null = null;
  exitStatus: number = ContainerExitStatus.Invalid;
  memorySeconds = 0;
  vcoreSeconds = 0;
  progress = 0;
  counters: Readonly<Record<string, number>> = {};
  /** Ends of its containers that the master has not been told yet. */
  completed: ContainerStatus[] = [];
  /** Containers that its master believes in and whose nodes have not come back yet, with the time since when. */
  readonly expected = new Map<string, { readonly nodeId: string; readonly sinceMs: number }>();
  /** Null until the master has registered with this ResourceManager. */
  session: MasterSession | null = null;
  /** What FINAL_SAVING leads to. */
  target: StoredAttemptState | null = null;
  /** The master has said it is done, so the end of its container is no failure. */
  unregistered = false;
  /** Its own container's end was reported while the end of the attempt was still being saved. */
  masterEnded = false;
  /** Since when nothing is heard of a master that should register; liveness counts from here. */
  awaitedSinceMs: number | null = null;

  constructor(
    readonly attemptId: string,
    readonly number: number,
    startTimeMs: number,
  ) {
    this.startTimeMs = startTimeMs;
  }

  get state(): RmAttemptState {
    return this.current;
  }

  get isOver(): boolean {
    return isFinalAttemptState(this.current);
  }

  /** Its end is decided, stored or not. */
  get isEnding(): boolean {
    return this.isOver || this.current === S.FinalSaving || this.current === S.Finishing;
  }

  /** It ended by the cluster's fault, not its own, so it does not count against the application. */
  get isFrameworkFailure(): boolean {
    return isFrameworkFault(this.exitStatus);
  }

  become(next: RmAttemptState): void {
    assert(legalMoves[this.current].includes(next), `${this.attemptId} cannot go from ${this.current} to ${next}`);
    this.current = next;
  }

  static recovered(record: AttemptRecord, number: number): Attempt {
    const attempt = new Attempt(record.attemptId, number, record.startTimeMs);
    attempt.masterContainer = record.masterContainer;
    attempt.trackingUrl = record.finalTrackingUrl;
    attempt.diagnostics = record.diagnostics;
    attempt.finishTimeMs = record.finishTimeMs;
    attempt.finalStatus = record.finalStatus;
    attempt.exitStatus = record.exitStatus;
    attempt.memorySeconds = record.memorySeconds;
    attempt.vcoreSeconds = record.vcoreSeconds;
    // Without a final state it was stored to be launched; whether its master lives, the nodes will tell.
    attempt.become(record.finalState ?? S.Launched);
    return attempt;
  }

  record(finalState: StoredAttemptState | null): AttemptRecord {
    return {
      attemptId: this.attemptId,
      masterContainer: this.masterContainer,
      finalState,
      finalTrackingUrl: this.trackingUrl,
      diagnostics: this.diagnostics,
      startTimeMs: this.startTimeMs,
      finishTimeMs: this.finishTimeMs,
      finalStatus: this.finalStatus,
      exitStatus: this.exitStatus,
      memorySeconds: Math.round(this.memorySeconds),
      vcoreSeconds: Math.round(this.vcoreSeconds),
    };
  }
}
