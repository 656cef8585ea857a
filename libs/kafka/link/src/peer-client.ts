/** One connection to another broker: requests go out in order, answers come back in order. */
import { connect, type Socket } from 'node:net';
import { type Api, FrameSplitter, readResponse, writeRequest } from '@menagerie/kafka-protocol';

import { PeerError } from './errors.js';

/** An answer to a follower's fetch may hold one batch larger than it asked for. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const CONNECT_MS = 5_000;
/** Requests that may wait for their answers. */
const MAX_IN_FLIGHT = 100;

interface Pending {
  readonly correlationId: number;
  readonly settle: (payload: Buffer) => void;
  readonly fail: (error: PeerError) => void;
}

export class PeerClient {
  private readonly pending: Pending[] = [];
  private readonly splitter = new FrameSplitter(MAX_ANSWER_BYTES);
  private correlationId = 0;
  private failure: PeerError | null = null;

  private constructor(
    private readonly socket: Socket,
    private readonly peer: string,
    private readonly clientId: string,
  ) {
    socket.on('data', (chunk) => this.received(chunk));
    socket.on('error', (error) => this.fail(error.message, error));
    socket.on('close', () => this.fail('the connection was closed'));
  }

  /** @throws PeerError */
  static connect(host: string, port: number, clientId: string, signal?: AbortSignal): Promise<PeerClient> {
    const peer = `${host}:${port}`;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      const settle = (act: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        socket.removeAllListeners('error');
        act();
      };
      const give = (problem: string, cause?: unknown) =>
        settle(() => {
          socket.on('error', () => undefined);
          socket.destroy();
          reject(new PeerError(peer, problem, cause));
        });
      const onAbort = () => give('aborted');
      const timer = setTimeout(() => give(`no connection in ${CONNECT_MS} ms`), CONNECT_MS);
      socket.once('error', (error) => give(error.message, error));
      socket.once('connect', () => settle(() => resolve(new PeerClient(socket, peer, clientId))));
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  get isOpen(): boolean {
    return this.failure === null;
  }

  /** @param timeoutMs without an answer by then the connection is given up: nobody knows what is under way on it. @throws PeerError */
  request<Q, R>(api: Api<Q, R>, request: Q, timeoutMs: number, version = api.maxVersion): Promise<R> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.pending.length >= MAX_IN_FLIGHT) {
      return Promise.reject(new PeerError(this.peer, `${MAX_IN_FLIGHT} requests wait for an answer already`));
    }
    const correlationId = (this.correlationId = (this.correlationId + 1) & 0x7fffffff);
    return new Promise<R>((resolve, reject) => {
      const timer = setTimeout(() => this.fail(`no answer to ${api.name} in ${timeoutMs} ms`), timeoutMs);
      const fail = (error: PeerError) => {
        clearTimeout(timer);
        reject(error);
      };
      const settle = (payload: Buffer) => {
        clearTimeout(timer);
        try {
          resolve(readResponse(api, version, payload).response);
        } catch (error) {
          reject(new PeerError(this.peer, `answered ${api.name} in a way we cannot read: ${String(error)}`, error));
        }
      };
      this.pending.push({ correlationId, settle, fail });
      this.socket.cork();
      for (const piece of writeRequest(api, version, correlationId, this.clientId, request)) this.socket.write(piece);
      this.socket.uncork();
    });
  }

  close(): void {
    this.fail('closed by us');
  }

  private received(chunk: Buffer): void {
    try {
      for (const payload of this.splitter.push(chunk)) {
        const next = this.pending.shift();
        const correlationId = payload.length >= 4 ? payload.readInt32BE(0) : -1;
        if (next?.correlationId !== correlationId) {
          return this.fail(`expected the answer to ${next?.correlationId ?? 'nothing'}, got ${correlationId}`);
        }
        next.settle(payload);
      }
    } catch (error) {
      this.fail(String(error), error);
    }
  }

  private fail(problem: string, cause?: unknown): void {
    if (this.failure !== null) return;
    const error = (this.failure = new PeerError(this.peer, problem, cause));
    this.socket.destroy();
    for (const each of this.pending.splice(0)) each.fail(error);
  }
}
