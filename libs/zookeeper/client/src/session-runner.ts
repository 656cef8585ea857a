/**
 * Carries out what the session machine decides: owns the driver of the current session, the timer and the calls under
 * way, and tells the client what happened. Nothing is decided here.
 */
import type { ClientLogger, SessionChange, StateChange, StateReason } from './api.js';
import { formatServer } from './connect-string.js';
import type {
  AuthInfo,
  Driver,
  DriverEvents,
  DriverFactory,
  DriverOptions,
  ServerAddress,
  WatchLists,
} from './driver.js';
import type { ConnectAttempt } from './errors.js';
import type { PendingCalls, SessionEnd } from './pending-calls.js';
import type { ServerList } from './server-list.js';
import type { SessionEffect, SessionEffects, SessionMachine } from './session-machine.js';
import type { EventType } from '@menagerie/zookeeper-protocol';

/** How long a retired driver may take to tell the server that its session is not needed any more. */
const GOODBYE_MS = 1_000;
/** How late a timer may be before it is a sign that this process stood still. */
const LATE_MS = 100;

export interface SessionRunnerOptions {
  readonly machine: SessionMachine;
  readonly servers: ServerList;
  readonly calls: PendingCalls;
  readonly driverFactory: DriverFactory;
  readonly sessionTimeoutMs: number;
  readonly transport: Pick<DriverOptions, 'maxReplyBytes' | 'canBeReadOnly' | 'tls' | 'sasl' | 'random'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly logger: ClientLogger;
  readonly onState: (change: StateChange) => void;
  readonly onSession: (change: SessionChange) => void;
  /** The session of this generation is over. */
  readonly onSessionEnd: (generation: number) => void;
  readonly onWatchEvent: (type: EventType, path: string) => void;
  /** Watches to arm on the next connection. */
  readonly watches: () => WatchLists;
}

export class SessionRunner {
  readonly #options: SessionRunnerOptions;
  /** Sent on every connection, in order. */
  readonly #credentials: AuthInfo[] = [];
  /** Invariant: set from `start` until the machine is closed. */
  #driver: Driver | null = null;
  #server: ServerAddress | null = null;
  #timer: NodeJS.Timeout | null = null;
  #effects: SessionEffect[] = [];
  #running = false;
  #endedBy: SessionEnd = 'lost';
  #refusedCredentials: string | null = null;
  /** What came of the tries at each server; at most one entry a server. */
  readonly #attempts = new Map<string, { tries: number; problem: string }>();

  constructor(options: SessionRunnerOptions) {
    this.#options = options;
  }

  get attempts(): readonly ConnectAttempt[] {
    return [...this.#attempts].map(([server, { tries, problem }]) => ({ server, tries, problem }));
  }

  /** Which credentials a server has refused; null if none. */
  get refusedCredentials(): string | null {
    return this.#refusedCredentials;
  }

  start(credentials: readonly AuthInfo[]): void {
    this.#credentials.push(...credentials);
    this.#run(this.#options.machine.start(this.#options.now()));
  }

  addCredentials(info: AuthInfo): void {
    this.#credentials.push(info);
  }

  /** Brings the state up to date with the clock. */
  observe(): void {
    const effects = this.#options.machine.observe(this.#options.now());
    if (effects.length > 0) this.#run(effects);
  }

  /** Sends the calls that wait, if there is a connection. */
  flush(): void {
    const { machine, calls } = this.#options;
    const driver = this.#driver;
    if (driver === null || !machine.attached) return;
    if (calls.hasWaiting) machine.sent(this.#options.now());
    calls.flush(driver, machine.generation, () => this.#driver === driver && machine.attached);
  }

  /** Asks the server to end the session, behind all calls sent before. Only while attached; false if it did not confirm. */
  closeSession(timeoutMs: number): Promise<boolean> {
    const driver = this.#driver;
    if (driver === null || !this.#options.machine.attached) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#options.machine.sent(this.#options.now());
      driver.closeSession((closed) => {
        clearTimeout(timer);
        resolve(closed);
      });
    });
  }

  /** Over for good. */
  close(reason: StateReason): void {
    this.#endedBy = reason === 'auth-failed' ? 'auth-failed' : 'closed';
    this.#run(this.#options.machine.close(reason));
  }

  /** Carries out, and looks when there is something to do next: any input may have changed that, effects or none. */
  #run(effects: SessionEffects): void {
    this.#effects.push(...effects);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift())
        this.#carryOut(effect);
    } finally {
      this.#running = false;
    }
    this.#armTimer();
  }

  #carryOut(effect: SessionEffect): void {
    const options = this.#options;
    switch (effect.kind) {
      case 'open':
        return this.#open();
      case 'drop':
        return this.#driver?.drop(effect.reason);
      case 'ping':
        options.machine.sent(options.now());
        return this.#driver?.ping();
      case 'search':
        return this.#search();
      case 'retire':
        return this.#retire(effect.goodbye, effect.generation);
      case 'renew':
        this.#driver = this.#makeDriver();
        return;
      case 'state':
        options.logger.info(`session ${effect.change.state}`, { ...effect.change });
        return options.onState(effect.change);
      case 'session':
        return options.onSession(effect.change);
    }
  }

  #open(): void {
    if (this.#driver === null) return;
    this.#server = this.#options.servers.next();
    this.#options.logger.debug('connecting', { server: formatServer(this.#server) });
    this.#driver.open(this.#server, this.#credentials, this.#options.watches());
  }

  #search(): void {
    const driver = this.#driver;
    const server = this.#options.servers.next();
    driver?.probe?.(server, (canWrite) => {
      if (!canWrite || this.#driver !== driver) return;
      this.#options.servers.prefer(server);
      this.#run(this.#options.machine.foundWriter(this.#options.now()));
    });
  }

  #retire(goodbye: boolean, generation: number): void {
    const driver = this.#driver;
    this.#driver = null;
    // First, so that they end for the true reason and not for the loss of the connection that follows.
    this.#options.calls.endSession(generation, this.#endedBy);
    this.#options.onSessionEnd(generation);
    if (driver !== null && goodbye) {
      const timer = setTimeout(() => driver.destroy(), GOODBYE_MS);
      driver.closeSession(() => {
        clearTimeout(timer);
        driver.destroy();
      });
    } else {
      driver?.destroy();
    }
  }

  #makeDriver(): Driver {
    const { machine, now, calls } = this.#options;
    // A driver that was retired may still have something to say, but not to us.
    const ifCurrent = (act: () => SessionEffects): void => {
      if (this.#driver === driver) this.#run(act());
    };
    const events: DriverEvents = {
      attached: (session) => {
        ifCurrent(() => machine.attachedTo(session, now()));
        if (this.#driver === driver) this.flush();
      },
      answered: (sentAtMs) => {
        if (this.#driver !== driver) return;
        const effects = machine.answered(sentAtMs, now());
        // The rule, once a reply: deadlines have moved away, and the timer finds that out by itself.
        if (effects.length > 0) this.#run(effects);
      },
      watchEvent: (type, path) => {
        if (this.#driver === driver) this.#options.onWatchEvent(type, path);
      },
      detached: (reason) => {
        if (this.#driver === driver && machine.state !== 'connected') this.#noteAttempt(reason);
        calls.requeue();
        ifCurrent(() => machine.detached(now()));
      },
      expired: () => ifCurrent(() => machine.expired(now())),
      authFailed: (what) => {
        if (this.#driver !== driver) return;
        this.#refusedCredentials = what;
        this.close('auth-failed');
      },
    };
    const { driverFactory, sessionTimeoutMs, transport } = this.#options;
    const driver = driverFactory({ ...transport, sessionTimeoutMs, events, now });
    return driver;
  }

  #noteAttempt(problem: string): void {
    if (this.#server === null) return;
    const server = formatServer(this.#server);
    this.#options.logger.debug('no connection', { server, problem });
    this.#attempts.set(server, { tries: (this.#attempts.get(server)?.tries ?? 0) + 1, problem });
  }

  #armTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const deadlineMs = this.#options.machine.nextDeadlineMs();
    if (deadlineMs === null) return;
    const delayMs = Math.max(0, Math.ceil(deadlineMs - this.#options.now()));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      // A turn that comes late finds answers in the sockets which are older than it: they are heard before anything is
      // concluded from their absence.
      if (this.#options.now() - deadlineMs > LATE_MS) setImmediate(() => this.#onDeadline());
      else this.#onDeadline();
    }, delayMs);
  }

  #onDeadline(): void {
    this.observe();
    if (this.#timer === null) this.#armTimer();
  }
}
