/**
 * Carries out what the elector asks for, and tells it what came of it.
 *
 * Inputs are taken one at a time, in the order in which they arrive. Work for one session is done in the order in which
 * it was asked for, so that a breadcrumb is gone before its session is.
 */
import { strict as assert } from 'node:assert';
import {
  checkLockData,
  electionPaths,
  Elector,
  type ElectorEffect,
  type ElectorInput,
  type ElectorState,
  type LinkState,
} from '@menagerie/yarn-core';
import { encodeActiveRmInfo } from '@menagerie/yarn-protocol';
import type { ClientLogger } from '@menagerie/zookeeper-client';
import { ElectionSession } from './election-session.js';

/** What the winner and the losers are told. */
export interface Candidate {
  /** Resolves to whether it worked out. Never rejects. */
  becomeActive(): Promise<boolean>;
  becomeStandby(): void;
  enterNeutral(): void;
  /** Out of the election: `rejoin` is the way back. */
  fatal(why: string): void;
}

export interface ElectionOptions {
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
  readonly base: string;
  readonly clusterId: string;
  readonly rmId: string;
  readonly logger: ClientLogger;
}

interface Live {
  readonly session: ElectionSession;
  /** The end of the work asked for so far. */
  tail: Promise<void>;
}

/** How long an orderly goodbye may take. */
const GOODBYE_MS = 3_000;

export class Election {
  private readonly elector = new Elector();
  private readonly sessions = new Map<number, Live>();
  private readonly naps = new Set<NodeJS.Timeout>();
  private joins = 0;

  constructor(
    private readonly options: ElectionOptions,
    private readonly candidate: Candidate,
  ) {}

  get state(): ElectorState {
    return this.elector.state;
  }

  get linkState(): LinkState {
    return this.elector.linkState;
  }

  get sessionId(): bigint | null {
    return this.sessions.get(this.elector.currentHandle ?? 0)?.session.sessionId ?? null;
  }

  /** How often the election was joined. */
  get joined(): number {
    return this.joins;
  }

  join(): void {
    this.joins++;
    this.take({ kind: 'join' });
  }

  /** Gives the lock back and tries for it again, behind whoever is waiting for it. */
  rejoin(): void {
    this.take({ kind: 'quit', needFence: false });
    this.join();
  }

  /** Leaves for good. Resolves when the sessions have ended, so that another may win at once. */
  async quit(): Promise<void> {
    this.take({ kind: 'quit', needFence: false });
    for (const nap of this.naps) clearTimeout(nap);
    this.naps.clear();
    const open = [...this.sessions.values()];
    // Without ZooKeeper there is nobody to say goodbye to: break off what still waits for it.
    const breakOff = setTimeout(() => open.forEach((live) => void live.session.end()), GOODBYE_MS);
    await Promise.all(open.map((live) => live.tail));
    clearTimeout(breakOff);
  }

  private take(input: ElectorInput): void {
    for (const effect of this.elector.step(input)) this.carryOut(effect);
  }

  private carryOut(effect: ElectorEffect): void {
    switch (effect.kind) {
      case 'open-session':
        return this.openSession(effect.handle);
      case 'close-session':
        return this.closeSession(effect.handle);
      case 'create-lock':
        return this.work(effect.handle, async (session) => {
          const result = await session.createLock();
          return { kind: 'lock-created', handle: effect.handle, result };
        });
      case 'check-lock':
        return this.work(effect.handle, async (session) => {
          return { kind: 'lock-checked', handle: effect.handle, ...(await session.checkLock()) };
        });
      case 'read-breadcrumb':
        return this.work(effect.handle, async (session) => {
          return { kind: 'breadcrumb-read', handle: effect.handle, ...(await session.readBreadcrumb()) };
        });
      case 'write-breadcrumb':
        return this.work(effect.handle, async (session) => {
          const result = await session.writeBreadcrumb(effect.version);
          return { kind: 'breadcrumb-written', handle: effect.handle, result };
        });
      case 'delete-own-breadcrumb':
        return this.work(effect.handle, async (session) => {
          await session.deleteOwnBreadcrumb();
          return null;
        });
      case 'fence-old-active':
        // YARN does not fence here: the state store does it, by its ACL.
        return this.work(effect.handle, () =>
          Promise.resolve({ kind: 'old-active-fenced', handle: effect.handle, ok: true }),
        );
      case 'become-active':
        return void this.candidate.becomeActive().then((ok) => {
          this.take({ kind: 'activated', handle: effect.handle, ok });
        });
      case 'become-standby':
        return this.candidate.becomeStandby();
      case 'enter-neutral':
        return this.candidate.enterNeutral();
      case 'sleep':
        return this.sleep(effect.nap, effect.ms);
      case 'fatal':
        return this.candidate.fatal(effect.why);
      default:
        effect satisfies never;
    }
  }

  private openSession(handle: number): void {
    const { zkConnect, sessionTimeoutMs, logger, base, clusterId, rmId } = this.options;
    const paths = electionPaths(clusterId, base);
    const data = encodeActiveRmInfo({ clusterId, rmId });
    const session = new ElectionSession(
      { zkConnect, sessionTimeoutMs, paths, data, logger },
      {
        session: (event) => this.take({ kind: 'session', handle, event }),
        lock: (event) => this.take({ kind: 'lock-event', handle, event }),
      },
    );
    this.sessions.set(handle, { session, tail: session.open() });
  }

  private closeSession(handle: number): void {
    const live = this.sessions.get(handle);
    assert(live !== undefined, `session ${handle} is not open`);
    // What was asked for before is let finish; a session that is still being opened is not waited for.
    const breadcrumb = live.tail;
    if (live.session.sessionId === null) void live.session.end();
    live.tail = breadcrumb.then(() => live.session.end()).finally(() => this.sessions.delete(handle));
  }

  private work(handle: number, what: (session: ElectionSession) => Promise<ElectorInput | null>): void {
    const live = this.sessions.get(handle);
    assert(live !== undefined, `session ${handle} is not open`);
    live.tail = live.tail.then(async () => {
      const input = await what(live.session);
      if (input) this.take(input);
    });
  }

  private sleep(nap: number, ms: number): void {
    const timer = setTimeout(() => {
      this.naps.delete(timer);
      this.take({ kind: 'woke', nap });
    }, ms);
    this.naps.add(timer);
  }

  /** Looks whether the place belongs to our cluster. @throws YarnRecordError `YARN_FOREIGN_CLUSTER` */
  static async checkPlace(options: ElectionOptions): Promise<void> {
    const paths = electionPaths(options.clusterId, options.base);
    const nothing = { session: () => undefined, lock: () => undefined };
    const session = new ElectionSession({ ...options, paths, data: Buffer.alloc(0) }, nothing);
    try {
      await session.open();
      const data = await session.lockData();
      if (data !== null) checkLockData(data, paths.lock, options.clusterId);
    } finally {
      await session.end();
    }
  }
}
