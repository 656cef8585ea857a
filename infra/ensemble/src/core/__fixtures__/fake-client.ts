/** A client at the end of a link that is only memory: sends real frames, reads what comes back. */
import {
  type ConnectResponse,
  decodeConnectResponse,
  decodeReplyHeader,
  decodeWatcherEvent,
  encodeConnectRequest,
  encodeRequestHeader,
  EventType,
  FrameDecoder,
  JuteReader,
  JuteWriter,
  OpCode,
  Xid,
} from '@menagerie/zookeeper-protocol';
import type { ClientAcceptor, ClientHandler, ClientLink } from '../contract/index.js';

export interface Reply {
  readonly xid: number;
  readonly zxid: bigint;
  readonly err: number;
  readonly body: JuteReader;
}

type Encode = (writer: JuteWriter) => void;

let nextLinkId = 1;

export class FakeLink implements ClientLink {
  readonly id = nextLinkId++;
  remotePort = 40_000 + this.id;
  /** One buffer a `write`. */
  readonly writes: Buffer[] = [];
  closeReason: string | null = null;
  paused = false;
  handler: ClientHandler | null = null;

  constructor(readonly remoteAddress = '10.0.0.1') {}

  write(frames: Buffer): void {
    if (this.closeReason !== null) throw new Error('expected no write after close');
    this.writes.push(frames);
  }

  close(reason: string): void {
    if (this.closeReason !== null) throw new Error('expected one close');
    this.closeReason = reason;
    this.handler?.closed();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

export class FakeClient {
  readonly link: FakeLink;
  readonly handler: ClientHandler;
  sessionId = 0n;
  password = Buffer.alloc(16);
  private readonly decoder = new FrameDecoder({ maxFrameBytes: 1 << 30 });
  private readonly received: Buffer[] = [];
  private writesRead = 0;
  private nextXid = 1;

  constructor(server: ClientAcceptor, remoteAddress?: string) {
    this.link = new FakeLink(remoteAddress);
    const handler = server.accept(this.link);
    if (handler === null) throw new Error(`refused: ${this.link.closeReason}`);
    this.handler = handler;
    this.link.handler = handler;
  }

  /** Sends frames as one read of the socket brings them, in memory that is used for something else afterwards. */
  sendFrames(...frames: Buffer[]): void {
    const copies = frames.map((frame) => Buffer.from(frame));
    this.handler.frames(copies);
    for (const copy of copies) copy.fill(0xee);
  }

  connectFrame(fields: Partial<Parameters<typeof encodeConnectRequest>[1]> = {}): Buffer {
    return bytes((writer) =>
      encodeConnectRequest(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0n,
        timeoutMs: 10_000,
        sessionId: this.sessionId,
        password: this.password,
        readOnly: false,
        hasReadOnly: true,
        ...fields,
      }),
    );
  }

  /** A request's frame; its xid is the next one unless given. */
  frame(type: number, encode: Encode = () => {}, xid = this.nextXid++): Buffer {
    return bytes((writer) => {
      encodeRequestHeader(writer, { xid, type });
      encode(writer);
    });
  }

  send(type: number, encode?: Encode, xid?: number): void {
    this.sendFrames(this.frame(type, encode, xid));
  }

  takeFrame(): Buffer {
    this.decode();
    const frame = this.received.shift();
    if (frame === undefined) throw new Error(`expected a frame, nothing came (link closed: ${this.link.closeReason})`);
    return frame;
  }

  takeConnectResponse(): ConnectResponse {
    const response = decodeConnectResponse(new JuteReader(this.takeFrame()));
    this.sessionId = response.sessionId;
    this.password = Buffer.from(response.password!);
    return response;
  }

  takeReply(): Reply {
    const body = new JuteReader(this.takeFrame());
    return { ...decodeReplyHeader(body), body };
  }

  /** The next frame must be an event; as `NodeCreated /a`. */
  takeEvent(): string {
    const { xid, zxid, body } = this.takeReply();
    if (xid !== Xid.watch || zxid !== -1n) throw new Error(`expected an event, got a reply to ${xid}`);
    const event = decodeWatcherEvent(body);
    const name = Object.entries(EventType).find(([, value]) => value === event.type)![0];
    return `${name} ${event.path}`;
  }

  /** Everything that has come and was not taken, each as a short word: `err 0 to 3` or an event. */
  takeAll(): string[] {
    const all: string[] = [];
    while (this.pending > 0) {
      const [frame] = this.received;
      const isEvent = frame!.readInt32BE(0) === Xid.watch;
      if (isEvent) all.push(this.takeEvent());
      else {
        const { err, xid } = this.takeReply();
        all.push(`${err} to ${xid}`);
      }
    }
    return all;
  }

  get pending(): number {
    this.decode();
    return this.received.length;
  }

  ping(): void {
    this.send(OpCode.ping, undefined, Xid.ping);
  }

  private decode(): void {
    const { writes } = this.link;
    while (this.writesRead < writes.length) this.received.push(...this.decoder.push(writes[this.writesRead++]!));
  }
}

export function bytes(encode: Encode): Buffer {
  const writer = new JuteWriter(256);
  encode(writer);
  return writer.toBuffer();
}
