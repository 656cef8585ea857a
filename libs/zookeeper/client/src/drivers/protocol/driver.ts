/**
 * The driver over our own protocol library: one session, carried by one connection at a time.
 *
 * What is said on a new connection, each step after the answer to the one before:
 *
 *   handshake -> SASL, if asked for -> credentials -> watches -> `attached`: calls may go
 */
import { randomBytes } from 'node:crypto';
import {
  OpCode,
  decodeSaslResponse,
  encodeSaslRequest,
  errorCodeName,
  type ConnectResponse,
  type EventType,
} from '@menagerie/zookeeper-protocol';
import type {
  AuthInfo,
  Driver,
  DriverOptions,
  ServerAddress,
  WatchLists,
  WireCallName,
  WireCalls,
  WireOutcome,
} from '../../driver.js';
import { decodeWireReply, encodeWireCall, opCodeOf, type EncodedCallName } from './codecs.js';
import { Connection } from './connection.js';
import type { Ending } from './outstanding.js';
import { probe } from './probe.js';
import { setWatchesRequests } from './set-watches.js';
import { DigestMd5, SaslFault } from './sasl/digest-md5.js';

const PASSWORD_BYTES = 16;
const CNONCE_BYTES = 32;

const nothing = (): void => undefined;

/** What one `open` has to say before calls may go. */
interface Opening {
  readonly connection: Connection;
  readonly credentials: readonly AuthInfo[];
  readonly watches: WatchLists;
  readonly response: ConnectResponse;
  readonly sentAtMs: number;
}

export class ProtocolDriver implements Driver {
  readonly #options: DriverOptions;
  /** Invariant: set from `open` until that connection is over. */
  #connection: Connection | null = null;
  /** Of the session; 0 until a server that can write has granted one. */
  #sessionId = 0n;
  #password: Buffer = Buffer.alloc(PASSWORD_BYTES);
  #lastZxid = 0n;
  #isDestroyed = false;

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  open(server: ServerAddress, credentials: readonly AuthInfo[], watches: WatchLists): void {
    const { tls, random, now, maxReplyBytes, events } = this.#options;
    const connection: Connection = new Connection({
      server,
      tls,
      random,
      now,
      maxReplyBytes,
      lastZxid: this.#lastZxid,
      events: {
        up: () => this.#shakeHands(connection, credentials, watches),
        answered: (sentAtMs) => events.answered(sentAtMs),
        expired: () => events.expired(),
        watchEvent: (type, path) => events.watchEvent(type as EventType, path),
        down: (reason) => {
          this.#leave(connection);
          events.detached(reason);
        },
      },
    });
    this.#connection = connection;
  }

  drop(reason: string): void {
    this.#connection?.drop(reason);
  }

  call<N extends WireCallName>(
    name: N,
    request: WireCalls[N]['request'],
    done: (outcome: WireOutcome<N>) => void,
  ): void {
    const connection = this.#connection;
    if (connection === null) return done({ kind: 'lost', sent: false });
    if (name === 'addAuth') {
      const { scheme, credentials } = request as WireCalls['addAuth']['request'];
      return this.#addAuth(connection, scheme, credentials, done as (outcome: WireOutcome<'addAuth'>) => void);
    }
    const encoded = name as EncodedCallName;
    const opCode = opCodeOf(encoded, request as never);
    connection.send(
      opCode,
      encodeWireCall(encoded),
      request as never,
      decodeWireReply(encoded),
      done as (ending: Ending) => void,
    );
  }

  ping(): void {
    this.#connection?.ping();
  }

  closeSession(done: (closed: boolean) => void): void {
    const connection = this.#connection;
    if (connection === null) return done(false);
    connection.send(OpCode.closeSession, nothing, null, nothing, ({ kind }) => done(kind === 'reply'));
  }

  probe(server: ServerAddress, done: (canWrite: boolean) => void): void {
    const { tls, random } = this.#options;
    probe(server, { tls, random }, done);
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#connection?.destroy();
    this.#connection = null;
  }

  #shakeHands(connection: Connection, credentials: readonly AuthInfo[], watches: WatchLists): void {
    const { sessionTimeoutMs, canBeReadOnly, now } = this.#options;
    const sentAtMs = now();
    const request = {
      protocolVersion: 0,
      lastZxidSeen: this.#lastZxid,
      timeoutMs: sessionTimeoutMs,
      sessionId: this.#sessionId,
      password: this.#password,
      readOnly: canBeReadOnly,
      hasReadOnly: true,
    };
    connection.handshake(request, (response) => {
      this.#onGranted({ connection, credentials, watches, response, sentAtMs });
    });
  }

  #onGranted(opening: Opening): void {
    const { connection, response } = opening;
    const { canBeReadOnly, events, sasl } = this.#options;
    if (response.timeoutMs <= 0) {
      connection.destroy();
      this.#leave(connection);
      return events.expired();
    }
    if (response.readOnly && !canBeReadOnly) return connection.drop('the server has lost its quorum and only reads');
    if (!response.readOnly) {
      this.#sessionId = response.sessionId;
      this.#password = Buffer.from(response.password ?? []);
    }
    connection.reasonIfClosed = 'the server closed the connection';
    if (sasl === null) return this.#sendCredentials(opening);
    this.#authenticate(opening, new DigestMd5(sasl, randomBytes(CNONCE_BYTES).toString('base64url')));
  }

  #authenticate(opening: Opening, mechanism: DigestMd5): void {
    this.#exchange(opening, Buffer.alloc(0), (challenge) => {
      this.#exchange(opening, mechanism.respond(challenge), (last) => {
        mechanism.verify(last);
        this.#sendCredentials(opening);
      });
    });
  }

  /** One SASL token there, and what came back. What `then` throws as a SaslFault is the end of it. */
  #exchange({ connection }: Opening, token: Buffer, then: (answer: Buffer) => void): void {
    const decode = (reader: Parameters<typeof decodeSaslResponse>[0]): Buffer | null =>
      decodeSaslResponse(reader).token;
    connection.send(OpCode.sasl, encodeSaslRequest, { token }, decode, (ending) => {
      if (ending.kind === 'lost' || ending.kind === 'unreadable') return;
      if (ending.kind === 'refused')
        return this.#onAuthFailed(`SASL: ${errorCodeName(ending.wireCode) ?? ending.wireCode}`);
      const answer = ending.reply as Buffer | null;
      if (answer === null) return this.#onAuthFailed('SASL: the server has none');
      try {
        then(Buffer.from(answer));
      } catch (error) {
        if (!(error instanceof SaslFault)) throw error;
        this.#onAuthFailed(`SASL: ${error.message}`);
      }
    });
  }

  #sendCredentials(opening: Opening): void {
    const { connection, credentials } = opening;
    let unanswered = credentials.length;
    if (unanswered === 0) return this.#attach(opening);
    for (const { scheme, credentials: secret } of credentials) {
      connection.auth(scheme, Buffer.from(secret), (wireCode) => {
        if (wireCode === null) return;
        if (wireCode !== 0) return this.#onAuthFailed(`scheme ${scheme}`);
        if (--unanswered === 0) this.#attach(opening);
      });
    }
  }

  #attach({ connection, watches, response, sentAtMs }: Opening): void {
    this.#armWatches(connection, watches);
    this.#options.events.attached({
      id: response.sessionId,
      password: response.readOnly ? Buffer.from(response.password ?? []) : this.#password,
      negotiatedTimeoutMs: response.timeoutMs,
      sentAtMs,
      readOnly: response.readOnly,
    });
  }

  #armWatches(connection: Connection, watches: WatchLists): void {
    for (const { opCode, encode, request } of setWatchesRequests(this.#lastZxid, watches)) {
      connection.send(opCode, encode, request, nothing, (ending) => {
        if (ending.kind !== 'refused') return;
        connection.drop(`the server refused the watches: ${errorCodeName(ending.wireCode) ?? ending.wireCode}`);
      });
    }
  }

  #addAuth(
    connection: Connection,
    scheme: string,
    credentials: Buffer,
    done: (outcome: WireOutcome<'addAuth'>) => void,
  ): void {
    connection.auth(scheme, credentials, (wireCode) => {
      if (wireCode === null) return done({ kind: 'lost', sent: true });
      if (wireCode === 0) return done({ kind: 'reply', reply: {} });
      done({ kind: 'refused', wireCode });
      this.#onAuthFailed(`scheme ${scheme}`);
    });
  }

  #onAuthFailed(what: string): void {
    if (!this.#isDestroyed) this.#options.events.authFailed(what);
  }

  #leave(connection: Connection): void {
    this.#lastZxid = connection.lastZxid;
    if (this.#connection === connection) this.#connection = null;
  }
}
