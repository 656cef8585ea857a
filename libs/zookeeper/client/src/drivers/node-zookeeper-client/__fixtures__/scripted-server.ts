/** A server that answers what a test tells it to, byte for byte: what no real server does on request. */
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import {
  FrameDecoder,
  JuteReader,
  JuteWriter,
  decodeConnectRequest,
  decodeRequestHeader,
  encodeConnectResponse,
  encodeReplyHeader,
  type ConnectRequest,
} from '@menagerie/zookeeper-protocol';

export interface ScriptedRequest {
  readonly xid: number;
  readonly type: number;
  /** The record behind the header. */
  readonly body: Buffer;
}

export interface Script {
  /** Null to say nothing. Default: a session of 10 s, the one asked for or number 1. */
  readonly handshake?: (request: ConnectRequest, connection: number) => { id: bigint; timeoutMs: number } | null;
  /** What to write for a request; pings and the end of the session are answered before it is asked. */
  readonly answer: (request: ScriptedRequest, socket: Socket, connection: number) => void;
}

const CLOSE_SESSION = -11;
const PING = 11;

export class ScriptedServer implements AsyncDisposable {
  readonly requests: ScriptedRequest[] = [];
  readonly handshakes: ConnectRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #script: Script;

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script);
    scripted.#server.listen(0, '127.0.0.1');
    await once(scripted.#server, 'listening');
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** How many requests had come when the connections were dropped last. */
  requestsBeforeDrop = 0;

  async dropConnections(): Promise<void> {
    this.requestsBeforeDrop = this.requests.length;
    const closed = [...this.#sockets].map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
    this.requestsBeforeDrop = this.requests.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    const decoder = new FrameDecoder();
    const connection = this.handshakes.length;
    let shaken = false;
    socket.on('data', (chunk: Buffer) => {
      for (const payload of decoder.push(chunk)) {
        if (shaken) this.#onRequest(payload, socket, connection);
        else this.#onHandshake(payload, socket, connection);
        shaken = true;
      }
    });
  }

  #onHandshake(payload: Buffer, socket: Socket, connection: number): void {
    const request = decodeConnectRequest(new JuteReader(payload));
    this.handshakes.push(request);
    const grant =
      this.#script.handshake === undefined
        ? { id: request.sessionId || 1n, timeoutMs: 10_000 }
        : this.#script.handshake(request, connection);
    if (grant === null) return;
    const { id: sessionId, timeoutMs } = grant;
    const password = Buffer.alloc(16, 7);
    const fixed = { protocolVersion: 0, readOnly: false, hasReadOnly: request.hasReadOnly };
    socket.write(framed((writer) => encodeConnectResponse(writer, { ...fixed, sessionId, timeoutMs, password })));
    if (timeoutMs <= 0) socket.end();
  }

  #onRequest(payload: Buffer, socket: Socket, connection: number): void {
    const { xid, type } = decodeRequestHeader(new JuteReader(payload));
    if (type === PING) return void socket.write(replyHeader(xid, 0));
    if (type === CLOSE_SESSION) return void socket.end(replyHeader(xid, 0));
    const request = { xid, type, body: payload.subarray(8) };
    this.requests.push(request);
    this.#script.answer(request, socket, connection);
  }
}

/** A reply with no record behind its header. */
export function replyHeader(xid: number, err: number, body: Buffer = Buffer.alloc(0)): Buffer {
  return framed((writer) => {
    encodeReplyHeader(writer, { xid, zxid: 1n, err });
    for (const byte of body) writer.writeByte(byte);
  });
}

export function framed(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  write(writer);
  writer.endFrame(mark);
  return Buffer.from(writer.toBuffer());
}
