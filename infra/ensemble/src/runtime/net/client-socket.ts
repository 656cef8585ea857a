/** One client connection: bytes to frames on the way in, a bounded queue on the way out. */
import type { Socket } from 'node:net';
import {
  FrameDecoder,
  FrameError,
  fourLetterWord,
  TELNET_CLOSE,
  type FourLetterWord,
} from '@menagerie/zookeeper-protocol';
import type { ClientAcceptor, ClientHandler, ClientLink } from '../../core/contract/index.js';
import type { TlsPeer } from '../tls/index.js';
import { Outbox } from './outbox.js';
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

/**
 * A client that sends and does not read is not read from either above the first mark, and is dropped at the second:
 * one slow reader must not fill the memory of a server.
 */
const PAUSE_READING_AT_BYTES = 1 << 20;
const DROP_AT_BYTES = 64 << 20;
const WORD_BYTES = 4;
/** `stmk` and its mask: the longest that a word can be. */
const STMK_ARGUMENT_BYTES = 8;

export class ClientSocket implements ClientLink {
  readonly remoteAddress: string;
  readonly remotePort: number;
  private readonly outbox: Outbox;
  private readonly frames: FrameDecoder;
  private handler: ClientHandler | null = null;
  /** The first bytes, until it is known whether they are a word. */
  private opening: Buffer | null = Buffer.alloc(0);
  private pausedByCore = false;
  private pausedByOutput = false;
  private closing = false;
  /** A four-letter word has come. */
  hasAsked = false;
  readonly sinceMs = performance.now();

  constructor(
    readonly id: number,
    private readonly socket: Socket,
    private readonly options: ClientSocketOptions,
    readonly tls: TlsPeer,
  ) {
    // A socket that listens for both families shows IPv4 in IPv6's clothes; ACLs and logs know the plain one.
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.remotePort = socket.remotePort ?? 0;
    this.outbox = new Outbox(socket);
    this.frames = new FrameDecoder({ maxFrameBytes: options.maxFrameBytes });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.received(chunk));
    socket.on('drain', () => this.drained());
    socket.on('error', (error) =>
      options.log.debug('client connection failed', this.fields({ reason: error.message })),
    );
    socket.on('close', () => {
      this.closing = true;
      this.handler?.closed();
      this.handler = null;
    });
  }

  /** Whether a word or a handshake has come yet. */
  get hasSpoken(): boolean {
    return this.handler !== null;
  }

  write(frames: Buffer): void {
    if (this.closing) return;
    this.options.count('sent', frames.length);
    this.outbox.write(frames);
    const { queuedBytes } = this.outbox;
    if (queuedBytes > DROP_AT_BYTES) {
      this.closing = true;
      this.options.log.warn('client does not read its answers, dropped', this.fields({ queuedBytes }));
      this.socket.destroy();
    } else if (queuedBytes > PAUSE_READING_AT_BYTES && !this.pausedByOutput) {
      this.pausedByOutput = true;
      this.socket.pause();
    }
  }

  close(reason: string): void {
    if (this.closing) return;
    this.closing = true;
    this.options.log.debug('client connection closed', this.fields({ reason }));
    this.outbox.flush();
    // A client that never reads would keep the socket in FIN_WAIT for ever: what is queued gets a second.
    this.socket.end();
    this.socket.setTimeout(1000, () => this.socket.destroy());
  }

  pause(): void {
    this.pausedByCore = true;
    this.socket.pause();
  }

  resume(): void {
    this.pausedByCore = false;
    if (!this.pausedByOutput) this.socket.resume();
  }

  private drained(): void {
    if (!this.pausedByOutput) return;
    this.pausedByOutput = false;
    if (!this.pausedByCore) this.socket.resume();
  }

  private received(chunk: Buffer): void {
    if (this.closing) return;
    this.options.count('received', chunk.length);
    if (this.opening === null) this.decode(chunk);
    else this.open(chunk);
  }

  /** The first four bytes are a word or a length; a word is over a gigabyte as a length, so there is no mistaking one. */
  private open(chunk: Buffer): void {
    const bytes = this.opening?.length ? Buffer.concat([this.opening, chunk]) : chunk;
    if (bytes.length < WORD_BYTES) {
      this.opening = bytes;
      return;
    }
    const first = bytes.readInt32BE(0);
    const word = fourLetterWord(first);
    if (word === 'stmk' && bytes.length < WORD_BYTES + STMK_ARGUMENT_BYTES) {
      this.opening = bytes;
      return;
    }
    this.opening = null;
    if (word !== null) {
      this.hasAsked = true;
      this.answer(word, bytes.subarray(WORD_BYTES));
    } else if (first === TELNET_CLOSE) {
      this.close('telnet interrupt');
    } else {
      this.handler = this.options.acceptor.accept(this);
      if (this.handler) this.decode(bytes);
    }
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
    this.closing = true;
    this.socket.destroy();
  }

  private fields<T extends object>(more: T) {
    return { client: `${this.remoteAddress}:${this.remotePort}`, ...more };
  }
}
