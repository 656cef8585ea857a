/** One client connection: bytes to frames on the way in, a bounded queue on the way out. */
import {
  FrameDecoder,
  FrameError,
  fourLetterWord,
  TELNET_CLOSE,
  type FourLetterWord,
} from '@menagerie/zookeeper-protocol';
import type { ClientAcceptor, ClientHandler, ClientLink } from '../../core/contract/index.js';
import type { TlsPeer } from '../tls/index.js';
import type { ByteChannel, ChannelOwner } from './byte-channel.js';
import { reasonOf, type NetLog } from './types.js';

export interface ClientSocketOptions {
  readonly acceptor: ClientAcceptor;
  /** The answer to a four-letter word; `argument` is what followed it (stmk has eight bytes). */
  readonly answerWord: (word: FourLetterWord, argument: Buffer) => string;
  readonly log: NetLog;
  /** jute.maxbuffer. */
  readonly maxFrameBytes: number;
  readonly count: (what: 'received' | 'sent', bytes: number) => void;
}

/** Where a connection belongs. Each is called once at most. */
export interface ClientSocketOwner {
  /** A handshake has come: it is no stranger any more. */
  introduced(client: ClientSocket): void;
  /** The connection is given up, whether or not it is closed yet. */
  leaving(client: ClientSocket): void;
  closed(client: ClientSocket): void;
}

/**
 * A client that sends and does not read is not read from either above the first mark, and is dropped at the second:
 * one slow reader must not fill the memory of a server.
 */
const PAUSE_READING_AT_BYTES = 1 << 20;
const DROP_AT_BYTES = 64 << 20;
const WORD_BYTES = 4;
/** `stmk` and its mask: the longest that a word can be. */
const STMK_ARGUMENT_BYTES = 8;
const NOTHING = Buffer.alloc(0);

export class ClientSocket implements ClientLink, ChannelOwner {
  private readonly frames: FrameDecoder;
  private handler: ClientHandler | null = null;
  /** The first bytes, until it is known whether they are a word. */
  private opening: Buffer | null = NOTHING;
  private pausedByCore = false;
  private pausedByOutput = false;
  private closing = false;
  /** A four-letter word has come. */
  hasAsked = false;

  constructor(
    readonly id: number,
    private readonly channel: ByteChannel,
    private readonly owner: ClientSocketOwner,
    private readonly options: ClientSocketOptions,
    readonly tls: TlsPeer,
    /** On the monotonic clock, of whole milliseconds. */
    readonly sinceMs: number,
  ) {
    this.frames = new FrameDecoder({ maxFrameBytes: options.maxFrameBytes });
    channel.open(this);
  }

  get remoteAddress(): string {
    return this.channel.remoteAddress;
  }

  get remotePort(): number {
    return this.channel.remotePort;
  }

  /** Whether a handshake has come yet. */
  get hasSpoken(): boolean {
    return this.handler !== null;
  }

  write(frames: Buffer): void {
    if (this.closing) return;
    this.options.count('sent', frames.length);
    this.channel.write(frames);
    const { queuedBytes } = this.channel;
    if (queuedBytes > DROP_AT_BYTES) {
      this.options.log.warn('client does not read its answers, dropped', this.fields({ queuedBytes }));
      this.destroy();
    } else if (queuedBytes > PAUSE_READING_AT_BYTES && !this.pausedByOutput) {
      this.pausedByOutput = true;
      this.channel.pause();
    }
  }

  close(reason: string): void {
    if (this.closing) return;
    this.options.log.debug('client connection closed', this.fields({ reason }));
    this.leave();
    this.channel.end();
  }

  /** At once, whatever is queued. */
  destroy(): void {
    this.leave();
    this.channel.destroy();
  }

  pause(): void {
    this.pausedByCore = true;
    this.channel.pause();
  }

  resume(): void {
    this.pausedByCore = false;
    if (!this.pausedByOutput) this.channel.resume();
  }

  drained(): void {
    if (!this.pausedByOutput) return;
    this.pausedByOutput = false;
    if (!this.pausedByCore) this.channel.resume();
  }

  received(chunk: Buffer): void {
    if (this.closing) return;
    this.options.count('received', chunk.length);
    if (this.opening === null) this.decode(chunk);
    else this.begin(chunk);
  }

  failed(reason: string): void {
    this.options.log.debug('client connection failed', this.fields({ reason }));
  }

  closed(): void {
    this.leave();
    this.owner.closed(this);
    this.handler?.closed();
    this.handler = null;
  }

  private leave(): void {
    if (this.closing) return;
    this.closing = true;
    this.owner.leaving(this);
  }

  /** The first four bytes are a word or a length; a word is over a gigabyte as a length, so there is no mistaking one. */
  private begin(chunk: Buffer): void {
    const bytes = this.opening?.length ? Buffer.concat([this.opening, chunk]) : chunk;
    if (bytes.length < WORD_BYTES) return this.wait(bytes);
    const first = bytes.readInt32BE(0);
    const word = fourLetterWord(first);
    if (word === 'stmk' && bytes.length < WORD_BYTES + STMK_ARGUMENT_BYTES) return this.wait(bytes);
    this.opening = null;
    if (word !== null) {
      this.hasAsked = true;
      this.answer(word, bytes.subarray(WORD_BYTES));
    } else if (first === TELNET_CLOSE) {
      this.close('telnet interrupt');
    } else {
      this.handler = this.options.acceptor.accept(this);
      if (this.handler === null) return;
      this.owner.introduced(this);
      this.decode(bytes);
    }
  }

  /** For more of the first bytes. */
  private wait(bytes: Buffer): void {
    this.opening = Buffer.from(bytes);
  }

  private answer(word: FourLetterWord, argument: Buffer): void {
    let text: string;
    try {
      text = this.options.answerWord(word, argument);
    } catch (error) {
      this.options.log.warn('four-letter word failed', this.fields({ word, reason: reasonOf(error) }));
      text = `${word} failed\n`;
    }
    this.write(Buffer.from(text));
    this.close(`answered ${word}`);
  }

  private decode(chunk: Buffer): void {
    let frames: readonly Buffer[];
    let fault: FrameError | null = null;
    try {
      frames = this.frames.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      fault = error;
      frames = error.completed;
    }
    if (frames.length > 0) this.handler?.frames(frames);
    if (fault === null || this.closing) return;
    this.options.log.warn('bad frame from client, connection closed', this.fields({ reason: fault.message }));
    this.destroy();
  }

  private fields<T extends object>(more: T) {
    return { client: `${this.remoteAddress}:${this.remotePort}`, ...more };
  }
}
