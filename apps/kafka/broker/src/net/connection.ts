/**
 * One client connection: frames in, answers out in the order of the requests, however long each takes.
 *
 * Requests are begun in the order in which they come, and what a handler does before it first waits, an append above all,
 * is done in that order too. So a producer may have several in flight without waiting for the disk of each.
 */
import type { Socket } from 'node:net';
import { FrameSplitter } from '@menagerie/kafka-protocol';

import type { ConnectionInfo } from './request-context.js';

/** Begun and not answered; beyond that the client is not read from. */
const MAX_IN_FLIGHT = 64;
/** Answers that the client does not take; beyond that it is not read from. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** The frame of an answer; null for a request that wants none. */
export type Answer = readonly Buffer[] | null;
/** Throws for what is not a request: the connection is then closed, as Kafka does. */
export type Dispatch = (payload: Buffer, connection: ConnectionInfo, signal: AbortSignal) => Answer | Promise<Answer>;

export interface ConnectionOptions {
  readonly maxIdleMs: number;
  readonly dispatch: Dispatch;
  /** Told why a connection was closed by us. */
  readonly onFault: (error: unknown, connection: ConnectionInfo) => void;
}

export class Connection {
  private readonly splitter: FrameSplitter;
  /** In the order of their requests; undefined while not there yet. Invariant: at most `MAX_IN_FLIGHT` unless decoded from one chunk. */
  private readonly answers: { answer: Answer | undefined }[] = [];
  private readonly gone = new AbortController();
  private paused = false;

  constructor(
    private readonly socket: Socket,
    readonly info: ConnectionInfo,
    private readonly options: ConnectionOptions,
  ) {
    this.splitter = new FrameSplitter(info.maxFrameBytes);
    socket.setTimeout(options.maxIdleMs, () => {
      if (this.answers.length === 0) socket.destroy();
    });
    socket.on('data', (chunk) => this.received(chunk));
    socket.on('drain', () => this.maybeResume());
    socket.on('error', () => undefined);
    socket.on('close', () => this.gone.abort());
  }

  close(): void {
    this.socket.destroy();
  }

  private received(chunk: Buffer): void {
    this.splitter.maxFrameBytes = this.info.maxFrameBytes;
    try {
      for (const payload of this.splitter.push(chunk)) this.begin(payload);
    } catch (error) {
      this.fault(error);
    }
    if (this.isFull && !this.paused) {
      this.paused = true;
      this.socket.pause();
    }
  }

  private begin(payload: Buffer): void {
    const slot: { answer: Answer | undefined } = { answer: undefined };
    this.answers.push(slot);
    const answer = this.options.dispatch(payload, this.info, this.gone.signal);
    if (!(answer instanceof Promise)) {
      slot.answer = answer;
      return this.flush();
    }
    answer.then(
      (done) => {
        slot.answer = done;
        this.flush();
      },
      (error: unknown) => this.fault(error),
    );
  }

  private flush(): void {
    let corked = false;
    while (this.answers.length > 0 && this.answers[0]!.answer !== undefined) {
      const { answer } = this.answers.shift()!;
      if (answer === null || answer === undefined || this.socket.destroyed) continue;
      if (!corked) this.socket.cork();
      corked = true;
      for (const piece of answer) this.socket.write(piece);
    }
    if (corked) this.socket.uncork();
    if (this.info.endAfterAnswer && this.answers.length === 0) this.socket.end();
    this.maybeResume();
  }

  private get isFull(): boolean {
    return this.answers.length >= MAX_IN_FLIGHT || this.socket.writableLength > MAX_UNSENT_BYTES;
  }

  private maybeResume(): void {
    if (!this.paused || this.isFull) return;
    this.paused = false;
    this.socket.resume();
  }

  private fault(error: unknown): void {
    if (this.socket.destroyed) return;
    this.socket.destroy();
    this.options.onFault(error, this.info);
  }
}
