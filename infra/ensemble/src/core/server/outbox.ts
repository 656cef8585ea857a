/**
 * What goes out to clients, encoded where it will be sent from. One connection's frames gather here until another's
 * turn comes, so that all answers to one read of a socket leave in one write.
 */
import { JuteWriter } from '@menagerie/zookeeper-protocol';
import type { Connection } from './connection.js';
import type { ServerTraffic } from './traffic.js';

export class Outbox {
  private readonly writer = new JuteWriter();
  /** Whose frames are in the writer. Invariant: null means that it is empty. */
  private current: Connection | null = null;

  constructor(private readonly traffic: ServerTraffic) {}

  /** The writer, for this connection's next frames. */
  open(connection: Connection): JuteWriter {
    if (this.current !== connection) {
      this.flush();
      this.current = connection;
    }
    return this.writer;
  }

  /** The frame that was begun at `mark` is complete. */
  finishFrame(connection: Connection, mark: number): void {
    this.writer.endFrame(mark);
    this.count(connection, this.writer.length - mark - 4);
  }

  header(connection: Connection, xid: number, zxid: bigint, err: number): void {
    const mark = beginReply(this.open(connection), xid, zxid, err);
    this.finishFrame(connection, mark);
  }

  /** A frame that exists already; several connections may get the same bytes. */
  frame(connection: Connection, frame: Buffer): void {
    if (this.current === connection) this.writer.writeRaw(frame);
    else connection.link.write(frame);
    this.count(connection, frame.length - 4);
  }

  flush(): void {
    const { current } = this;
    if (current === null) return;
    this.current = null;
    if (this.writer.length > 0) current.link.write(this.writer.toBuffer());
  }

  private count(connection: Connection, payloadBytes: number): void {
    connection.traffic.packetsSent++;
    this.traffic.responded(payloadBytes);
  }
}

/** @returns the mark that ends the frame */
export function beginReply(writer: JuteWriter, xid: number, zxid: bigint, err: number): number {
  const mark = writer.beginFrame();
  writer.writeInt(xid);
  writer.writeLong(zxid);
  writer.writeInt(err);
  return mark;
}
