/**
 * What is true about the session, decided from what was heard and from the clock. Pure: time and chance are arguments,
 * and every decision leaves as an effect which `SessionRunner` carries out.
 *
 * The clock rests on one fact. A server that answers a request knew the session when it took the request, which was
 * not before we sent it; it can not expire the session earlier than one timeout after that. So the session is counted
 * from the *sending* of the latest answered request: a reply that was long under way proves nothing about now. Server
 * and client then need no common clock, only clocks that run equally fast.
 */
import type { ClientState, SessionChange, SessionInfo, StateChange, StateReason } from './api.js';
import type { AttachedSession } from './driver.js';

export type SessionEffect =
  /** Try the next server. */
  | { readonly kind: 'open' }
  /** Give up the connection or the try; `detached` is expected to follow. */
  | { readonly kind: 'drop'; readonly reason: string }
  | { readonly kind: 'ping' }
  /** Look for a server that has a quorum: `foundWriter` is expected if there is one. */
  | { readonly kind: 'search' }
  /** The session is over: free its driver (with a word to the server if `goodbye`) and fail what belongs to it. */
  | { readonly kind: 'retire'; readonly goodbye: boolean; readonly generation: number }
  /** Make a driver for a session to come. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'state'; readonly change: StateChange }
  | { readonly kind: 'session'; readonly change: SessionChange };

export type SessionEffects = readonly SessionEffect[];

export interface SessionMachineOptions {
  /** What the servers are asked for, in milliseconds. */
  readonly sessionTimeoutMs: number;
  readonly serverCount: number;
  /** 0 <= random() < 1; spreads reconnecting clients in time. */
  readonly random: () => number;
}

/** Where the driver stands. `failedTries` counts since the last connection that was good for something. */
type Link =
  | { readonly kind: 'idle'; readonly openAtMs: number }
  | { readonly kind: 'opening'; readonly sinceMs: number }
  | { readonly kind: 'attached'; readonly sinceMs: number }
  /** To a server without a quorum: what it answers proves nothing about the session. */
  | {
      readonly kind: 'reading';
      readonly sinceMs: number;
      readonly timeoutMs: number;
      searchAtMs: number;
      pauseMs: number;
    }
  /** Dropped by us, the driver has not said `detached` yet. */
  | { readonly kind: 'dropping'; readonly reason: StateReason; readonly attachedSinceMs: number | null };

const MAX_PING_INTERVAL_MS = 10_000;
const MAX_PAUSE_MS = 1_000;
/** A connection or session which lasted less does not spare the pause: nothing spins, whatever the servers do. */
const USEFUL_MS = 1_000;
/** Between looks for a server that has a quorum; doubled with each. Source: ClientCnxn.pingRwServer. */
const MIN_SEARCH_MS = 100;
const MAX_SEARCH_MS = 60_000;
const NO_EFFECTS: SessionEffects = [];

export class SessionMachine {
  readonly #options: SessionMachineOptions;
  #state: ClientState = 'connecting';
  /** Invariant: set while state is connected or suspended, maybe while it is read-only, and else never. */
  #session: SessionInfo | null = null;
  #lastSessionId: bigint | null = null;
  #generation = 0;
  #link: Link = { kind: 'idle', openAtMs: 0 };
  #failedTries = 0;
  /** When the current session was granted. */
  #sessionSinceMs = 0;
  /** Invariant: some server knew the session at this time or later. */
  #lastContactMs = 0;
  /** When anything last came from the server: tells whether the connection lives, nothing about the session. */
  #lastHeardMs = 0;
  #lastSentMs = 0;
  /** When the first request since the last word of the server was sent; null if there was none. */
  #askedSinceMs: number | null = null;
  #serverCount: number;
  #effects: SessionEffect[] = [];

  constructor(options: SessionMachineOptions) {
    this.#options = options;
    this.#serverCount = options.serverCount;
  }

  get state(): ClientState {
    return this.#state;
  }
  get session(): SessionInfo | null {
    return this.#session;
  }
  /** Of the current session; while there is none, of the one before. */
  get generation(): number {
    return this.#generation;
  }
  get attached(): boolean {
    return (this.#link.kind === 'attached' && this.#session !== null) || this.#link.kind === 'reading';
  }
  /** How many servers there are to try from now on. */
  set serverCount(count: number) {
    this.#serverCount = count;
  }

  start(nowMs: number): SessionEffects {
    this.#emit({ kind: 'renew' });
    this.#open(nowMs);
    return this.#take();
  }

  /** The driver's handshake was answered. */
  attachedTo(session: AttachedSession, nowMs: number): SessionEffects {
    if (this.#state === 'closed') return NO_EFFECTS;
    if (session.readOnly) return this.#attachedToReader(session, nowMs);
    // A server which grants another session than the one we hold says thereby that ours is gone.
    if (this.#session !== null && this.#session.id !== session.id) this.#lose('expired', false);
    const resumed = this.#session !== null;
    // The answer may have been so long under way that the session it speaks of is over by now.
    if (nowMs >= session.sentAtMs + session.negotiatedTimeoutMs) {
      if (resumed) this.#lose('timeout', true);
      else this.#emit({ kind: 'retire', goodbye: true, generation: this.#generation });
      this.#renew(nowMs);
      return this.#take();
    }
    if (!resumed) {
      this.#generation++;
      this.#sessionSinceMs = nowMs;
    }
    this.#link = { kind: 'attached', sinceMs: nowMs };
    this.#lastHeardMs = nowMs;
    this.#lastContactMs = session.sentAtMs;
    this.#lastSentMs = session.sentAtMs;
    this.#askedSinceMs = null;
    const { id, password, negotiatedTimeoutMs } = session;
    this.#session = { id, password, negotiatedTimeoutMs, generation: this.#generation };
    if (!resumed) this.#emit({ kind: 'session', change: { session: this.#session, previousId: this.#lastSessionId } });
    this.#lastSessionId = id;
    this.#enter('connected', resumed ? 'reattached' : 'session-created');
    return this.#take();
  }

  /** A server without a quorum: the session, if there is one, goes on by its own clock. */
  #attachedToReader({ sentAtMs, negotiatedTimeoutMs: timeoutMs }: AttachedSession, nowMs: number): SessionEffects {
    this.#link = {
      kind: 'reading',
      sinceMs: nowMs,
      timeoutMs,
      searchAtMs: nowMs + MIN_SEARCH_MS,
      pauseMs: MIN_SEARCH_MS,
    };
    this.#lastHeardMs = nowMs;
    this.#lastSentMs = sentAtMs;
    this.#askedSinceMs = null;
    this.#enter('read-only', 'no-quorum');
    return this.#take();
  }

  /** A server that has a quorum is there again. */
  foundWriter(nowMs: number): SessionEffects {
    if (this.#link.kind !== 'reading') return NO_EFFECTS;
    this.#failedTries = 0;
    this.#drop('connection-lost', 'a server with a quorum is to be had');
    this.#step(nowMs);
    return this.#take();
  }

  /** A request or ping went out. Called for each, so it does as little as can be. */
  sent(nowMs: number): void {
    this.#lastSentMs = nowMs;
    this.#askedSinceMs ??= nowMs;
  }

  /** A server answered a request which was sent at `sentAtMs`. */
  answered(sentAtMs: number, nowMs: number): SessionEffects {
    if (this.#link.kind !== 'attached' && this.#link.kind !== 'reading') return NO_EFFECTS;
    this.#lastHeardMs = nowMs;
    if (this.#link.kind === 'attached' && sentAtMs > this.#lastContactMs) this.#lastContactMs = sentAtMs;
    this.#askedSinceMs = null;
    return this.#clockRanOut(nowMs) ? this.observe(nowMs) : NO_EFFECTS;
  }

  /** The connection, or the try to make one, is over. */
  detached(nowMs: number): SessionEffects {
    if (this.#state === 'closed') return NO_EFFECTS;
    const link = this.#link;
    const attachedSinceMs =
      link.kind === 'attached' || link.kind === 'reading'
        ? link.sinceMs
        : link.kind === 'dropping'
          ? link.attachedSinceMs
          : null;
    if (attachedSinceMs !== null && nowMs - attachedSinceMs >= USEFUL_MS) this.#failedTries = 0;
    this.#link = { kind: 'idle', openAtMs: nowMs + this.#pauseMs() };
    if (this.#state === 'connected' || this.#state === 'read-only') {
      const state = this.#session === null ? 'connecting' : 'suspended';
      this.#enter(state, link.kind === 'dropping' ? link.reason : 'connection-lost');
    }
    this.#step(nowMs);
    return this.#take();
  }

  /** A server says that it does not know the session. */
  expired(nowMs: number): SessionEffects {
    if (this.#state === 'closed') return NO_EFFECTS;
    if (this.#session !== null) this.#lose('expired', false);
    else this.#emit({ kind: 'retire', goodbye: false, generation: this.#generation });
    this.#renew(nowMs);
    return this.#take();
  }

  authFailed(): SessionEffects {
    return this.close('auth-failed');
  }

  /** Over for good. */
  close(reason: StateReason): SessionEffects {
    if (this.#state === 'closed') return NO_EFFECTS;
    this.#session = null;
    this.#enter('closed', reason);
    this.#emit({ kind: 'retire', goodbye: false, generation: this.#generation });
    return this.#take();
  }

  /** Looks at the clock: to be called when `nextDeadlineMs` has come, and whenever somebody asks about the state. */
  observe(nowMs: number): SessionEffects {
    this.#step(nowMs);
    return this.#take();
  }

  /** When `observe` has something to do at the earliest; null if only an event can change anything. */
  nextDeadlineMs(): number | null {
    if (this.#state === 'closed') return null;
    const deadlines = [this.#linkDeadlineMs()];
    if (this.#session !== null) deadlines.push(this.#lastContactMs + this.#session.negotiatedTimeoutMs);
    const earliest = Math.min(...deadlines);
    return Number.isFinite(earliest) ? earliest : null;
  }

  #linkDeadlineMs(): number {
    switch (this.#link.kind) {
      case 'idle':
        return this.#link.openAtMs;
      case 'opening':
        return this.#link.sinceMs + this.#tryMs();
      case 'attached':
        return Math.min(this.#pingAtMs(), this.#giveUpAtMs());
      case 'reading':
        return Math.min(this.#pingAtMs(), this.#giveUpAtMs(), this.#link.searchAtMs);
      case 'dropping':
        return Infinity;
    }
  }

  #step(nowMs: number): void {
    if (this.#state === 'closed') return;
    if (this.#clockRanOut(nowMs)) {
      this.#lose('timeout', this.#link.kind === 'attached');
      this.#renew(nowMs);
      return;
    }
    const link = this.#link;
    if (link.kind === 'idle') {
      if (nowMs >= link.openAtMs) this.#open(nowMs);
    } else if (link.kind === 'opening') {
      if (nowMs >= link.sinceMs + this.#tryMs()) this.#drop('connection-lost', `no answer in ${this.#tryMs()} ms`);
    } else if (link.kind === 'attached' || link.kind === 'reading') {
      if (nowMs >= this.#giveUpAtMs()) {
        this.#drop('no-answer', `no answer for ${Math.round(nowMs - this.#lastHeardMs)} ms`);
      } else if (nowMs >= this.#pingAtMs()) {
        this.#emit({ kind: 'ping' });
      }
      if (link.kind === 'reading' && nowMs >= link.searchAtMs) {
        link.pauseMs = Math.min(2 * link.pauseMs, MAX_SEARCH_MS);
        link.searchAtMs = nowMs + link.pauseMs;
        this.#emit({ kind: 'search' });
      }
    }
  }

  #clockRanOut(nowMs: number): boolean {
    return this.#session !== null && nowMs >= this.#lastContactMs + this.#session.negotiatedTimeoutMs;
  }

  #pingAtMs(): number {
    return this.#lastSentMs + Math.min(this.#sessionTimeoutMs() / 3, MAX_PING_INTERVAL_MS);
  }

  /**
   * When a connection that does not answer has had its chance: two thirds of the timeout after its last word, but
   * whoever was asked late (our process had been stopped, say) gets a third to answer.
   */
  #giveUpAtMs(): number {
    if (this.#askedSinceMs === null) return Infinity;
    const timeoutMs = this.#sessionTimeoutMs();
    return Math.max(this.#lastHeardMs + (2 * timeoutMs) / 3, this.#askedSinceMs + timeoutMs / 3);
  }

  #sessionTimeoutMs(): number {
    if (this.#link.kind === 'reading') return this.#link.timeoutMs;
    return this.#session?.negotiatedTimeoutMs ?? this.#options.sessionTimeoutMs;
  }

  /** How long one server may take to shake hands. With a session at stake, every server gets a turn before it ends. */
  #tryMs(): number {
    const { sessionTimeoutMs } = this.#options;
    if (this.#session === null) return Math.round(clamp(sessionTimeoutMs / this.#serverCount, 2_000, 10_000));
    return Math.round(clamp(this.#session.negotiatedTimeoutMs / (2 * this.#serverCount), 500, 5_000));
  }

  #open(nowMs: number): void {
    this.#failedTries++;
    this.#link = { kind: 'opening', sinceMs: nowMs };
    this.#emit({ kind: 'open' });
  }

  #drop(reason: StateReason, text: string): void {
    const link = this.#link;
    const attachedSinceMs = link.kind === 'attached' || link.kind === 'reading' ? link.sinceMs : null;
    this.#link = { kind: 'dropping', reason, attachedSinceMs };
    this.#emit({ kind: 'drop', reason: text });
  }

  #lose(reason: StateReason, goodbye: boolean): void {
    this.#session = null;
    this.#enter('lost', reason);
    this.#emit({ kind: 'retire', goodbye, generation: this.#generation });
  }

  #renew(nowMs: number): void {
    this.#emit({ kind: 'renew' });
    const lived = this.#sessionSinceMs > 0 && nowMs - this.#sessionSinceMs >= USEFUL_MS;
    if (lived) this.#failedTries = 0;
    this.#sessionSinceMs = 0;
    this.#link = { kind: 'idle', openAtMs: nowMs + this.#pauseMs() };
    this.#step(nowMs);
  }

  /** How long to wait before the next try: not at all until every server has had one, then for a random moment. */
  #pauseMs(): number {
    if (this.#failedTries < this.#serverCount) return 0;
    this.#failedTries = 0;
    return this.#options.random() * MAX_PAUSE_MS;
  }

  #enter(state: ClientState, reason: StateReason): void {
    const previous = this.#state;
    if (previous === state) return;
    this.#state = state;
    this.#emit({ kind: 'state', change: { state, previous, sessionId: this.#lastSessionId, reason } });
  }

  #emit(effect: SessionEffect): void {
    this.#effects.push(effect);
  }

  #take(): SessionEffects {
    if (this.#effects.length === 0) return NO_EFFECTS;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
