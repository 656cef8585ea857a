/**
 * Who is active: the state machine of Hadoop's ActiveStandbyElector, without ZooKeeper, clock or threads.
 *
 * All candidates create the same ephemeral node; the one whose create succeeds is active, the others watch it. The
 * machine does not fence anybody: between a pause and its wake-up two may believe to be active, and only the state
 * store's ACL keeps the older one from writing.
 *
 * The original waits inside ZooKeeper's event thread while it becomes active, so events of the session queue up behind
 * it. Here they wait in `deferred`, which keeps at most one of each kind, and are taken in once activation has ended.
 *
 * Source: hadoop-common `ActiveStandbyElector.java`; names of states and rules are its own.
 */
import { strict as assert } from 'node:assert';
import {
  defaultElectorOptions,
  type ElectorEffect,
  type ElectorInput,
  type ElectorOptions,
  ElectorState,
  LinkState,
  type LockEvent,
  type SessionEvent,
  ZkResult,
} from './elector-types.js';

/** The steps from owning the lock to being active. */
type ActivationStep = 'read-breadcrumb' | 'fence' | 'write-breadcrumb' | 'transition';

interface Activation {
  step: ActivationStep;
  /** Version of the breadcrumb that was read; null when there is none. */
  breadcrumbVersion: number | null;
  retries: number;
  /** A lock that was just created is not watched yet. */
  readonly watchAfterwards: boolean;
}

interface Deferred {
  expired: boolean;
  disconnected: boolean;
  connected: boolean;
  lock: LockEvent | null;
}

const nothingDeferred = (): Deferred => ({ expired: false, disconnected: false, connected: false, lock: null });

export class Elector {
  private readonly options: ElectorOptions;
  private effects: ElectorEffect[] = [];

  private currentState: ElectorState = ElectorState.Init;
  private link: LinkState = LinkState.Terminated;
  private wanted = false;

  /** Invariant: null exactly while there is no session and none is being opened. */
  private handle: number | null = null;
  private lastHandle = 0;
  private opening = false;
  private openFailures = 0;

  /** Invariant: the nap that is being slept, or null; a `woke` of another nap is stale. */
  private nap: number | null = null;
  private lastNap = 0;

  private createRetries = 0;
  private createPending = false;
  private checkRetries = 0;
  private checkPending = false;

  /** Invariant: not null only with a handle. */
  private activation: Activation | null = null;
  private deferred = nothingDeferred();

  constructor(options: Partial<ElectorOptions> = {}) {
    this.options = { ...defaultElectorOptions, ...options };
  }

  get state(): ElectorState {
    return this.currentState;
  }

  get linkState(): LinkState {
    return this.link;
  }

  /** The session that counts; results and events of any other are stale. */
  get currentHandle(): number | null {
    return this.handle;
  }

  step(input: ElectorInput): readonly ElectorEffect[] {
    this.effects = [];
    if ('handle' in input && input.handle !== this.handle) return [];
    this.take(input);
    assert(this.activation === null || this.handle !== null, 'activation without a session');
    assert(this.currentState !== ElectorState.Active || this.handle !== null, 'active without a session');
    return this.effects;
  }

  private take(input: ElectorInput): void {
    switch (input.kind) {
      case 'join':
        return this.join();
      case 'quit':
        return this.quit(input.needFence);
      case 'woke':
        return this.woke(input.nap);
      case 'session':
        return this.activation ? this.deferSession(input.event) : this.sessionEvent(input.event);
      case 'lock-event':
        if (this.activation)
          this.deferred.lock = input.event === 'deleted' ? 'deleted' : (this.deferred.lock ?? 'changed');
        else this.lockEvent(input.event);
        return;
      case 'lock-created':
        return this.lockCreated(input.result);
      case 'lock-checked':
        return this.lockChecked(input.result, input.own);
      case 'breadcrumb-read':
        return this.breadcrumbRead(input.result, input.version, input.own);
      case 'breadcrumb-written':
        return this.breadcrumbWritten(input.result);
      case 'old-active-fenced':
        if (this.activation?.step !== 'fence') return;
        return input.ok ? this.writeBreadcrumb(this.activation) : this.activationFailed();
      case 'activated':
        if (this.activation?.step !== 'transition') return;
        return input.ok ? this.activationDone(this.activation) : this.activationFailed();
      default:
        input satisfies never;
    }
  }

  // The application joins and leaves.

  private join(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.openSession();
  }

  private quit(needFence: boolean): void {
    if (!needFence && this.currentState === ElectorState.Active && this.handle !== null) {
      this.effects.push({ kind: 'delete-own-breadcrumb', handle: this.handle });
    }
    this.reset();
  }

  private reset(): void {
    this.closeSession();
    this.currentState = ElectorState.Init;
    this.wanted = false;
    this.nap = null;
  }

  private fatal(why: string): void {
    this.reset();
    this.effects.push({ kind: 'fatal', why });
  }

  // The session.

  private openSession(): void {
    assert(this.handle === null, 'a session is open already');
    this.handle = ++this.lastHandle;
    this.opening = true;
    this.effects.push({ kind: 'open-session', handle: this.handle });
  }

  private closeSession(): void {
    if (this.handle !== null) this.effects.push({ kind: 'close-session', handle: this.handle });
    this.handle = null;
    this.opening = false;
    this.link = LinkState.Terminated;
    this.activation = null;
    this.deferred = nothingDeferred();
    this.createPending = false;
    this.checkPending = false;
  }

  private rejoin(afterMs: number): void {
    this.closeSession();
    this.openFailures = 0;
    if (afterMs > 0) this.sleep(afterMs);
    else this.openSession();
  }

  private sleep(ms: number): void {
    this.nap = ++this.lastNap;
    this.effects.push({ kind: 'sleep', nap: this.nap, ms });
  }

  private woke(nap: number): void {
    if (nap !== this.nap) return;
    this.nap = null;
    this.openSession();
  }

  private sessionEvent(event: SessionEvent): void {
    switch (event) {
      case 'connected': {
        const before = this.link;
        this.link = LinkState.Connected;
        if (this.opening) {
          this.opening = false;
          this.openFailures = 0;
          this.tryForLock();
        } else if (before === LinkState.Disconnected) this.monitor();
        return;
      }
      case 'disconnected':
        this.link = LinkState.Disconnected;
        return this.enterNeutral();
      case 'expired':
        this.enterNeutral();
        return this.rejoin(0);
      case 'open-failed':
        if (!this.opening) return;
        this.closeSession();
        if (++this.openFailures >= this.options.maxRetries) return this.fatal('no session with ZooKeeper to be had');
        return this.sleep(this.options.reopenMs);
      default:
        event satisfies never;
    }
  }

  private deferSession(event: SessionEvent): void {
    if (event === 'expired') this.deferred.expired = true;
    if (event === 'disconnected') Object.assign(this.deferred, { disconnected: true, connected: false });
    if (event === 'connected') this.deferred.connected = true;
  }

  private takeDeferred(): void {
    const { expired, disconnected, connected, lock } = this.deferred;
    this.deferred = nothingDeferred();
    if (expired) return this.sessionEvent('expired');
    if (disconnected) this.sessionEvent('disconnected');
    if (connected) this.sessionEvent('connected');
    if (lock) this.lockEvent(lock);
  }

  // The lock.

  private tryForLock(): void {
    this.createRetries = 0;
    this.createLock();
  }

  private createLock(): void {
    if (this.createPending || this.handle === null) return;
    this.createPending = true;
    this.effects.push({ kind: 'create-lock', handle: this.handle });
  }

  private lockCreated(result: ZkResult): void {
    this.createPending = false;
    if (this.activation) return this.lookAgainAfterwards();
    switch (result) {
      case ZkResult.Ok:
        return this.becomeActive(true);
      case ZkResult.NodeExists:
        // After a retry the node may be the work of our own first try: only its owner tells, and the check looks.
        if (this.createRetries === 0) this.becomeStandby();
        return this.monitor();
      case ZkResult.Unknown:
        if (this.createRetries++ < this.options.maxRetries) return this.createLock();
        return this.fatal(`creating the lock: no answer after ${this.options.maxRetries} retries`);
      case ZkResult.SessionLost:
        return;
      default:
        return this.fatal(`creating the lock: ${result}`);
    }
  }

  private monitor(): void {
    this.checkRetries = 0;
    this.checkLock();
  }

  private checkLock(): void {
    if (this.checkPending || this.handle === null) return;
    this.checkPending = true;
    this.effects.push({ kind: 'check-lock', handle: this.handle });
  }

  private lockChecked(result: ZkResult, own: boolean): void {
    this.checkPending = false;
    if (this.activation) return this.lookAgainAfterwards();
    switch (result) {
      case ZkResult.Ok:
        return own ? this.becomeActive(false) : this.becomeStandby();
      case ZkResult.NoNode:
        this.enterNeutral();
        return this.tryForLock();
      case ZkResult.Unknown:
        if (this.checkRetries++ < this.options.maxRetries) return this.checkLock();
        return this.fatal(`looking at the lock: no answer after ${this.options.maxRetries} retries`);
      case ZkResult.SessionLost:
        return;
      default:
        return this.fatal(`looking at the lock: ${result}`);
    }
  }

  /** An answer about the lock from before we became active says nothing about now. */
  private lookAgainAfterwards(): void {
    this.deferred.lock ??= 'changed';
  }

  private lockEvent(event: LockEvent): void {
    if (event === 'changed') return this.monitor();
    if (this.currentState === ElectorState.Active) this.enterNeutral();
    this.tryForLock();
  }

  // Becoming something.

  private becomeActive(watchAfterwards: boolean): void {
    if (this.currentState === ElectorState.Active || this.activation) return;
    this.activation = { step: 'read-breadcrumb', breadcrumbVersion: null, retries: 0, watchAfterwards };
    this.readBreadcrumb();
  }

  private readBreadcrumb(): void {
    assert(this.handle !== null && this.activation !== null, 'becoming active without a session');
    this.activation.step = 'read-breadcrumb';
    this.effects.push({ kind: 'read-breadcrumb', handle: this.handle });
  }

  private breadcrumbRead(result: ZkResult, version: number, own: boolean): void {
    if (this.activation?.step !== 'read-breadcrumb') return;
    if (result === ZkResult.Unknown) return this.breadcrumbUnknown(this.activation);
    if (result !== ZkResult.Ok && result !== ZkResult.NoNode) return this.activationFailed();
    this.activation.breadcrumbVersion = result === ZkResult.Ok ? version : null;
    if (result === ZkResult.NoNode || own) return this.writeBreadcrumb(this.activation);
    assert(this.handle !== null, 'becoming active without a session');
    this.activation.step = 'fence';
    this.effects.push({ kind: 'fence-old-active', handle: this.handle });
  }

  private writeBreadcrumb(activation: Activation): void {
    assert(this.handle !== null, 'becoming active without a session');
    activation.step = 'write-breadcrumb';
    this.effects.push({ kind: 'write-breadcrumb', handle: this.handle, version: activation.breadcrumbVersion });
  }

  private breadcrumbWritten(result: ZkResult): void {
    if (this.activation?.step !== 'write-breadcrumb') return;
    if (result === ZkResult.Unknown) return this.breadcrumbUnknown(this.activation);
    if (result !== ZkResult.Ok) return this.activationFailed();
    assert(this.handle !== null, 'becoming active without a session');
    this.activation.step = 'transition';
    this.effects.push({ kind: 'become-active', handle: this.handle });
  }

  /** Read again, also after a write: if that one happened, the next has to name the new version. */
  private breadcrumbUnknown(activation: Activation): void {
    if (++activation.retries >= this.options.maxRetries) return this.activationFailed();
    this.readBreadcrumb();
  }

  private activationDone(activation: Activation): void {
    this.activation = null;
    this.currentState = ElectorState.Active;
    if (activation.watchAfterwards) this.monitor();
    this.takeDeferred();
  }

  /** Let go of the lock, and stay away long enough for somebody else to take it. */
  private activationFailed(): void {
    this.rejoin(this.options.backOffMs);
  }

  private becomeStandby(): void {
    if (this.currentState === ElectorState.Standby) return;
    this.currentState = ElectorState.Standby;
    this.effects.push({ kind: 'become-standby' });
  }

  private enterNeutral(): void {
    if (this.currentState === ElectorState.Neutral) return;
    this.currentState = ElectorState.Neutral;
    this.effects.push({ kind: 'enter-neutral' });
  }
}
