/**
 * One client's connection: where it stands in its life, who it is, and which of its requests wait for an answer.
 *
 *   fresh --connect--> opening --session valid--> open --close--> closed
 *     '---------------------'------------------------'-------------^
 *
 * What is done about requests is the server's business (`request-server.ts`).
 */
import type { Id } from '@menagerie/zookeeper-protocol';
import { type DigestMd5Server, type RemoteParty } from '../auth/index.js';
import type { ClientHandler, ClientLink } from '../contract/index.js';
import type { Expiring, TrackedSession } from '../session/index.js';
import type { AclEntry } from '../tree/acl-table.js';
import type { Watcher } from '../watch/index.js';
import { Fifo } from './fifo.js';
import { ConnectionTraffic } from './traffic.js';
import type { WaitingRequest } from './waiting-request.js';

export type ConnectionState = 'fresh' | 'opening' | 'open' | 'closed';

/** The server as its connections see it. */
export interface ConnectionOwner {
  received(connection: Connection, frames: readonly Buffer[]): void;
  lost(connection: Connection): void;
  sendEvent(connection: Connection, frame: Buffer): void;
  mayRead(acl: AclEntry, identities: readonly Id[]): boolean;
}

/** Without a limit a stranger could make a connection's list, and each of its writes, as long as he likes. */
const MAX_IDENTITIES = 100;
const MAX_IDENTITY_CHARS = 65_536;

export class Connection implements ClientHandler, Watcher, Expiring {
  /** Invariant: moves only in the direction of the drawing. */
  state: ConnectionState = 'fresh';
  /** 0 until the client has asked for a session. */
  sessionId = 0n;
  /** What was granted. */
  timeoutMs = 0;
  /** The session itself, on the server that tracks sessions. */
  tracked: TrackedSession | null = null;
  /** Its session, if that is a local one. */
  local: TrackedSession | null = null;
  /** Round of the touch table in which the session was last noted, on a learner. */
  touchedRound = 0;
  /** Whether the client sent the read-only byte, and so expects it in the answer. */
  hasReadOnly = false;
  /**
   * Replaced and never changed, because requests keep the list of their time. It goes to the leader with each write.
   * Invariant: at most `MAX_IDENTITIES`, of at most `MAX_IDENTITY_CHARS` in all.
   */
  authInfo: readonly Id[];
  /** Where its SASL exchange stands; null before the first token. */
  sasl: DigestMd5Server | null = null;
  /** In order of arrival. Answers leave in this order; what can be answered at once is never in here. */
  readonly waiting = new Fifo<WaitingRequest>();
  /** Those of them that count for the limit on outstanding requests. */
  outstanding = 0;
  /** Frames that came before the session was there; bounded by what one read of the socket brings. */
  early: Buffer[] | null = null;
  paused = false;
  expiresAtMs = 0;
  bucketMs = 0;
  readonly traffic = new ConnectionTraffic();

  constructor(
    private readonly owner: ConnectionOwner,
    readonly link: ClientLink,
    /** Wall clock. */
    readonly establishedMs: number,
    /** From the start. */
    identities: readonly Id[],
  ) {
    this.authInfo = identities;
  }

  get party(): RemoteParty {
    return { remoteAddress: this.link.remoteAddress, certificateName: this.link.tls?.certificateName ?? null };
  }

  frames(frames: readonly Buffer[]): void {
    this.owner.received(this, frames);
  }

  closed(): void {
    this.owner.lost(this);
  }

  deliver(frame: Buffer): void {
    if (this.state === 'open') this.owner.sendEvent(this, frame);
  }

  mayRead(acl: AclEntry): boolean {
    return this.owner.mayRead(acl, this.authInfo);
  }

  /** @returns false, and adds none, when the connection would have more of them than anybody needs */
  addIdentities(identities: readonly Id[]): boolean {
    const isNew = (id: Id): boolean => !this.authInfo.some((known) => known.scheme === id.scheme && known.id === id.id);
    const all = [...this.authInfo, ...identities.filter(isNew)];
    const chars = all.reduce((sum, { scheme, id }) => sum + scheme.length + id.length, 0);
    if (all.length > MAX_IDENTITIES || chars > MAX_IDENTITY_CHARS) return false;
    this.authInfo = all;
    return true;
  }

  /** Reading stops while the session is being set up and while too much is in flight. */
  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.link.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.link.resume();
  }
}
