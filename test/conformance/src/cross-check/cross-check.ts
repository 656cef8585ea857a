/**
 * A proxy in front of two servers. Every request of every client goes to both, one at a time; the client gets the
 * reference's answers. Any difference in answers, zxids, watch events or how connections end is reported.
 *
 *   client ---> [ proxy ] ---> reference (Apache)
 *                     '------> subject (ours)
 *
 * Both start empty and see the same requests in the same order, so their histories are the same to the zxid. What
 * happens by itself is not compared: leave sessions to close, containers and TTL nodes to nobody.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import {
  decodeConnectRequest,
  decodeConnectResponse,
  encodeConnectRequest,
  ErrorCode,
  FrameDecoder,
  frame,
  JuteReader,
  JuteWriter,
  OpCode,
} from '@menagerie/zookeeper-protocol';
import type { Address } from '../net/address.js';
import { normalBody, type SessionNames } from './normal-form.js';
import { answerOf, Upstream } from './upstream.js';

export interface CrossCheckOptions {
  readonly reference: Address;
  readonly subject: Address;
  readonly onDifference?: (difference: Difference) => void;
  /** Default 0: any free one. */
  readonly port?: number;
}

export interface Difference {
  /** The how many-th request, from 1. */
  readonly request: number;
  readonly operation: string;
  readonly what: 'answer' | 'error' | 'zxid' | 'events' | 'connection' | 'handshake';
  readonly reference: string;
  readonly subject: string;
}

interface Session {
  readonly name: string;
  readonly subjectId: bigint;
  readonly subjectPassword: Buffer;
}

/** For an answer; more than a loaded machine takes. */
const ANSWER_TIMEOUT_MS = 30_000;
const OPERATIONS = new Map<number, string>(Object.entries(OpCode).map(([name, code]) => [code, name]));

export class CrossCheck implements AsyncDisposable {
  readonly differences: Difference[] = [];
  requests = 0;
  private sessionsEnded = 0;
  private readonly server: Server;
  private readonly clients = new Set<Socket>();
  /** By the reference's id. */
  private readonly sessions = new Map<bigint, Session>();
  private readonly namesOnSubject = new Map<bigint, string>();
  /** What one client wants is done when this resolves; the next waits for it. */
  private turn: Promise<void> = Promise.resolve();

  private constructor(private readonly options: CrossCheckOptions) {
    this.server = createServer((socket) => void this.serve(socket));
  }

  static async start(options: CrossCheckOptions): Promise<CrossCheck> {
    const check = new CrossCheck(options);
    check.server.listen(options.port ?? 0, '127.0.0.1');
    await once(check.server, 'listening');
    return check;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  readonly nameOnReference: SessionNames = (id) => this.sessions.get(id)?.name ?? (id === 0n ? 'none' : 'unknown');
  readonly nameOnSubject: SessionNames = (id) => this.namesOnSubject.get(id) ?? (id === 0n ? 'none' : 'unknown');

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private async serve(client: Socket): Promise<void> {
    this.clients.add(client);
    client.setNoDelay(true);
    client.on('error', () => undefined);
    const decoder = new FrameDecoder();
    let reference: Upstream | null = null;
    let subject: Upstream | null = null;
    client.on('close', () => {
      this.clients.delete(client);
      // Behind what is on its way already.
      void this.inTurn(() => (reference?.close(), subject?.close(), Promise.resolve()));
    });
    client.pause();
    try {
      reference = await Upstream.open(this.options.reference, (payload) => client.write(frame(payload)));
      subject = await Upstream.open(this.options.subject, () => undefined);
    } catch {
      return void client.destroy();
    }
    const both: Both = { reference, subject, sessionsEnded: this.sessionsEnded };
    let isFirst = true;
    client.on('data', (chunk) => {
      let payloads: readonly Buffer[];
      try {
        payloads = decoder.push(chunk).map((payload) => Buffer.from(payload));
      } catch {
        return void client.destroy();
      }
      for (const payload of payloads) {
        const work = isFirst ? this.handshake : this.request;
        isFirst = false;
        void this.inTurn(async () => {
          if (!client.destroyed && !(await work.call(this, payload, both))) client.destroySoon();
        });
      }
    });
    client.resume();
  }

  private inTurn(work: () => Promise<unknown>): Promise<void> {
    this.turn = this.turn.then(work).then(
      () => undefined,
      () => undefined,
    );
    return this.turn;
  }

  /** @returns whether the connection goes on */
  private async handshake(payload: Buffer, { reference, subject }: Both): Promise<boolean> {
    const wanted = decodeConnectRequest(new JuteReader(payload));
    const known = this.sessions.get(wanted.sessionId);
    const writer = new JuteWriter();
    encodeConnectRequest(writer, {
      ...wanted,
      sessionId: known?.subjectId ?? wanted.sessionId,
      // A wrong password has to stay wrong.
      password: known !== undefined && this.isRight(wanted.password, known) ? known.subjectPassword : wanted.password,
    });
    const [one, other] = await Promise.all([
      reference.exchange(payload, ANSWER_TIMEOUT_MS),
      subject.exchange(writer.toBuffer(), ANSWER_TIMEOUT_MS),
    ]);
    if (one === null || other === null) return this.ended('handshake', one, other);
    const [granted, grantedToo] = [one, other].map((each) => decodeConnectResponse(new JuteReader(each))) as [
      Granted,
      Granted,
    ];
    this.compare('handshake', 'handshake', handshakeText(granted), handshakeText(grantedToo));
    if (granted.timeoutMs > 0 && wanted.sessionId === 0n) {
      const name = `session ${this.sessions.size + 1}`;
      this.passwords.set(granted.sessionId, granted.password ?? Buffer.alloc(0));
      this.sessions.set(granted.sessionId, {
        name,
        subjectId: grantedToo.sessionId,
        subjectPassword: grantedToo.password ?? Buffer.alloc(0),
      });
      this.namesOnSubject.set(grantedToo.sessionId, name);
    }
    return granted.timeoutMs > 0;
  }

  private readonly passwords = new Map<bigint, Buffer>();

  private isRight(password: Buffer | null, session: Session): boolean {
    for (const [id, right] of this.passwords)
      if (this.sessions.get(id) === session) return password?.equals(right) ?? false;
    return false;
  }

  /** @returns whether the connection goes on */
  private async request(payload: Buffer, both: Both): Promise<boolean> {
    const { reference, subject } = both;
    if (payload.length < 8) return false;
    const type = payload.readInt32BE(4);
    const operation = OPERATIONS.get(type) ?? `operation ${type}`;
    this.requests++;
    const [one, other] = await Promise.all([
      reference.exchange(payload, ANSWER_TIMEOUT_MS),
      subject.exchange(payload, ANSWER_TIMEOUT_MS),
    ]);
    // An event for this connection comes before any answer that shows the change.
    if (type === OpCode.closeSession) this.sessionsEnded++;
    this.compareEvents(operation, both);
    if (one === null || other === null) return this.ended(operation, one, other);
    const [answer, answerToo] = [answerOf(one), answerOf(other)];
    this.compare(operation, 'error', String(answer.err), String(answerToo.err));
    this.compare(operation, 'zxid', answer.zxid.toString(16), answerToo.zxid.toString(16));
    if (answer.err === ErrorCode.Ok && answerToo.err === ErrorCode.Ok) {
      const body = normalBody(type, answer.body, this.nameOnReference);
      this.compare(operation, 'answer', body, normalBody(type, answerToo.body, this.nameOnSubject));
    }
    return type !== OpCode.closeSession;
  }

  /** The nodes of a session go in no order, and so do the events of that. */
  private compareEvents(operation: string, both: Both): void {
    const lists = [both.reference.takeEvents(), both.subject.takeEvents()] as const;
    const isOrdered = both.sessionsEnded === this.sessionsEnded;
    both.sessionsEnded = this.sessionsEnded;
    const [one, other] = lists.map((list) => (isOrdered ? list : list.sort()).join(', ')) as [string, string];
    this.compare(operation, 'events', one, other);
  }

  private ended(operation: string, one: Buffer | null, other: Buffer | null): boolean {
    const text = (payload: Buffer | null): string => (payload === null ? 'closed' : 'answered');
    this.compare(operation, 'connection', text(one), text(other));
    return false;
  }

  private compare(operation: string, what: Difference['what'], reference: string, subject: string): void {
    if (reference === subject) return;
    const difference = { request: this.requests, operation, what, reference, subject };
    this.differences.push(difference);
    this.options.onDifference?.(difference);
  }
}

interface Both {
  readonly reference: Upstream;
  readonly subject: Upstream;
  /** How many sessions had ended when events were compared last. */
  sessionsEnded: number;
}

type Granted = ReturnType<typeof decodeConnectResponse>;

function handshakeText({ timeoutMs, readOnly, hasReadOnly, sessionId }: Granted): string {
  return `timeout ${timeoutMs}, read-only ${readOnly}, with the byte ${hasReadOnly}, session ${sessionId !== 0n}`;
}
