/**
 * A connection on Node's bare handle: no stream, no closure, no buffer of its own while nothing is queued.
 *
 *   open --end(), or the other side's end--> ending --all written, other side closed, or too late--> closed
 *     '---------------------------------- destroy(), an error ---------------------------------------^
 */
import { getSystemErrorName } from 'node:util';
import { type ByteChannel, type ChannelOwner, LINGER_MS } from './byte-channel.js';
import {
  bytesRead,
  lastWriteWaits,
  newShutdownRequest,
  newWriteRequest,
  type TcpHandle,
  type WriteRequest,
} from './tcp-handle.js';

/** All connections are read into one buffer: what comes is used up before the next one is read. */
const input = Buffer.allocUnsafeSlow(64 * 1024);
/** Small pieces are copied together up to here; a larger one is written as it is. */
const GATHER_BYTES = 64 * 1024;
const UV_EOF = -4095;

/** Channels that were written to in this turn. */
let dirty: TcpChannel[] = [];
/** For the next write that is done at once, as nearly all are. */
let spareRequest: WriteRequest | null = null;

export class TcpChannel implements ByteChannel {
  queuedBytes = 0;
  private phase: 'open' | 'ending' | 'closed' = 'open';
  private owner: ChannelOwner | null = null;
  /** What is not written yet, in order. */
  private pieces: Buffer[] | null = null;
  /** The kernel has not taken all of a write yet: what comes now waits behind it. */
  private isWaiting = false;
  private isPaused = false;
  private hasSeenEnd = false;
  private linger: NodeJS.Timeout | null = null;

  constructor(
    private readonly handle: TcpHandle,
    readonly remoteAddress: string,
    readonly remotePort: number,
  ) {}

  open(owner: ChannelOwner): void {
    const { handle } = this;
    this.owner = owner;
    handle.channel = this;
    handle.onread = onRead;
    handle.setNoDelay(true);
    handle.useUserBuffer(input);
    this.check(handle.readStart());
  }

  write(bytes: Buffer): void {
    if (this.phase !== 'open') return;
    this.queuedBytes += bytes.length;
    if (this.pieces !== null) {
      this.pieces.push(bytes);
      return;
    }
    this.pieces = [bytes];
    if (this.isWaiting) return;
    if (dirty.length === 0) process.nextTick(flushAll);
    dirty.push(this);
  }

  pause(): void {
    this.isPaused = true;
    if (this.phase === 'open') this.handle.readStop();
  }

  resume(): void {
    this.isPaused = false;
    if (this.phase === 'open') this.check(this.handle.readStart());
  }

  end(): void {
    if (this.phase !== 'open') return;
    this.flush();
    if (this.isOver) return;
    this.phase = 'ending';
    // What still comes is dropped. Unread, it would make the kernel drop what we have sent.
    if (this.isPaused && !this.hasSeenEnd && !this.check(this.handle.readStart())) return;
    if (this.isWritten) this.shutDown();
    if (!this.isOver) this.linger = setTimeout(() => this.destroy(), LINGER_MS);
  }

  destroy(): void {
    if (this.isOver) return;
    this.phase = 'closed';
    if (this.linger !== null) clearTimeout(this.linger);
    this.pieces = null;
    this.handle.close(() => this.owner?.closed());
  }

  /** Writes what the turn brought. */
  flush(): void {
    while (this.pieces !== null && !this.isWaiting && !this.isOver) this.writeSome(this.takeSome(this.pieces));
    if (this.phase === 'open' && this.isWritten) this.owner?.drained();
  }

  /** The kernel has taken the write that waited. */
  written(byteCount: number, status: number): void {
    this.isWaiting = false;
    this.queuedBytes -= byteCount;
    if (!this.check(status)) return;
    this.flush();
    if (this.phase === 'ending' && this.isWritten) this.shutDown();
  }

  arrived(count: number): void {
    if (count > 0) {
      if (this.phase === 'open') this.owner?.received(input.subarray(0, count));
    } else if (count === UV_EOF) {
      this.hasSeenEnd = true;
      this.handle.readStop();
      if (this.phase === 'open') this.end();
      else if (this.isWritten) this.destroy();
    } else this.check(count);
  }

  private get isOver(): boolean {
    return this.phase === 'closed';
  }

  private get isWritten(): boolean {
    return this.pieces === null && !this.isWaiting;
  }

  private takeSome(pieces: Buffer[]): Buffer {
    let count = 0;
    let bytes = 0;
    do bytes += pieces[count++]!.length;
    while (count < pieces.length && bytes + pieces[count]!.length <= GATHER_BYTES);
    if (count === pieces.length) this.pieces = null;
    else this.pieces = pieces.slice(count);
    return count === 1 ? pieces[0]! : Buffer.concat(pieces.slice(0, count), bytes);
  }

  private writeSome(bytes: Buffer): void {
    const request = (spareRequest ??= newWriteRequest());
    if (!this.check(this.handle.writeBuffer(request, bytes))) return;
    if (!lastWriteWaits()) {
      this.queuedBytes -= bytes.length;
      return;
    }
    spareRequest = null;
    this.isWaiting = true;
    request.channel = this;
    request.bytes = bytes;
    request.oncomplete = onWritten;
  }

  /** Says that no more comes. Who has heard the same from the other side can close. */
  private shutDown(): void {
    if (this.hasSeenEnd) return this.destroy();
    const request = newShutdownRequest();
    request.oncomplete = () => undefined;
    this.check(this.handle.shutdown(request));
  }

  /** @returns whether it went well; the connection is closed otherwise */
  private check(status: number): boolean {
    if (status >= 0) return true;
    if (this.isOver) return false;
    this.owner?.failed(getSystemErrorName(status));
    this.destroy();
    return false;
  }
}

function onRead(this: TcpHandle): void {
  (this.channel as TcpChannel).arrived(bytesRead());
}

function onWritten(this: WriteRequest, status: number): void {
  (this.channel as TcpChannel).written(this.bytes!.length, status);
}

function flushAll(): void {
  const channels = dirty;
  dirty = [];
  for (const channel of channels) channel.flush();
}
