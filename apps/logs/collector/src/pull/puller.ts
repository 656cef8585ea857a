/**
 * Collects one source into one sink: from the agent's stream, from the offset at which the sink ends.
 *
 * It repeats for ever what may pass (an agent that is away, a sink that is full) and ends by itself in one case: somebody
 * with a later generation has the source.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isLogsError } from '@menagerie/logs-core';
import { FrameKind } from '@menagerie/logs-protocol';
import type { Batch, Sink, SourceSink } from '@menagerie/logs-sink';
import { agentFrames } from './agent-stream.js';
import { BatchBuffer } from './batch-buffer.js';
import { RateMeter } from './rate-meter.js';

export interface PullerOptions {
  readonly source: string;
  /** Of the list by which it was given to us. */
  readonly gen: number;
  readonly sink: Sink;
  readonly batchBytes: number;
  readonly lingerMs: number;
  /** `host:port` of the agent that serves it now. */
  readonly agentAddress: () => Promise<string>;
  /** Resolves when writing is allowed: at once, unless the process has just been stopped for a while. */
  readonly mayWrite: () => Promise<void>;
  readonly onBatch: (batch: Batch) => void;
  readonly onEvent: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

const RETRY_FIRST_MS = 200;
const RETRY_MOST_MS = 5_000;
/** After one of these, where the sink ends is known best by who opens it again. */
const SINK_CODES = ['LOGS_STALE_GENERATION', 'LOGS_OUT_OF_ORDER', 'LOGS_SINK_UNAVAILABLE'] as const;

export class Puller {
  /** Bytes that the agent has and the sink has not, as last heard. */
  lagBytes = 0;
  lostBytes = 0;
  /** Why nothing is collected at the moment. */
  trouble: string | null = 'not connected yet';
  /** Somebody else has it: there is nothing to do any more. */
  fenced = false;
  /** The trouble that was told last, until a batch gets through: a full sink is told once. */
  private said: string | null = null;
  private readonly meter = new RateMeter();
  private readonly stopping = new AbortController();
  private sink: SourceSink | null = null;
  /** The sink's last position, while it is not open. */
  private reached = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: PullerOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Resolves when nothing of it writes any more; what was read and not written is read again by the next owner. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  get gen(): number {
    return this.options.gen;
  }

  /** Everything before it is in the sink, as far as we know. */
  get offset(): number {
    return this.sink?.position ?? this.reached;
  }

  /** Lines a second, smoothed. */
  rate(): number {
    return this.meter.perSecond(performance.now());
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let retryMs = RETRY_FIRST_MS;
    while (!signal.aborted && !this.fenced) {
      const before = this.offset;
      try {
        this.sink ??= await this.options.sink.open(this.options.source, this.options.gen);
        await this.collect(this.sink, signal);
        this.trouble = 'the agent has hung up';
      } catch (error) {
        if (signal.aborted) break;
        this.failed(error);
        if (SINK_CODES.some((code) => isLogsError(error, code))) await this.letGo();
      }
      retryMs = this.offset > before ? RETRY_FIRST_MS : Math.min(RETRY_MOST_MS, retryMs * 2);
      if (!this.fenced) await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
    await this.letGo();
  }

  private async letGo(): Promise<void> {
    this.reached = this.offset;
    const sink = this.sink;
    this.sink = null;
    await sink?.close();
  }

  private failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (isLogsError(error, 'LOGS_STALE_GENERATION')) {
      this.fenced = true;
      this.options.onEvent('fenced', { why: message });
    } else if (message !== this.said) this.options.onEvent('trouble', { why: message });
    this.said = message;
    this.trouble = message;
  }

  /** Until the connection ends. */
  private async collect(sink: SourceSink, signal: AbortSignal): Promise<void> {
    const { source, agentAddress, batchBytes, lingerMs } = this.options;
    const buffer = new BatchBuffer(batchBytes);
    const hangUp = new AbortController();
    const either = AbortSignal.any([signal, hangUp.signal]);
    const frames = agentFrames(await agentAddress(), source, sink.position, either);
    let next = frames.next();
    try {
      for (;;) {
        const arrived = buffer.isEmpty ? await next : await within(lingerMs, next);
        if (arrived === null) {
          await this.flush(sink, buffer);
          continue;
        }
        if (arrived.done === true) break;
        const frame = arrived.value;
        next = frames.next();
        if (frame.kind === FrameKind.refused) throw new Error(`refused: ${frame.payload.toString()}`);
        this.trouble = null;
        if (frame.kind === FrameKind.data) buffer.add(frame);
        if (buffer.isFull || frame.kind !== FrameKind.data) await this.flush(sink, buffer);
        if (frame.kind === FrameKind.gap) await this.gap(sink, frame.from, frame.to, frame.payload.toString());
        if (frame.kind === FrameKind.idle) this.lagBytes = Math.max(0, frame.to - sink.position);
      }
      await this.flush(sink, buffer);
    } finally {
      hangUp.abort();
      await next.catch(() => undefined);
    }
  }

  private async flush(sink: SourceSink, buffer: BatchBuffer): Promise<void> {
    if (buffer.isEmpty) return;
    const batch = buffer.take();
    await this.options.mayWrite();
    await sink.append(batch);
    this.said = null;
    this.meter.add(batch.lines, performance.now());
    this.options.onBatch(batch);
  }

  /** Bytes that nobody will ever have: said, counted and put on record. */
  private async gap(sink: SourceSink, from: number, to: number, why: string): Promise<void> {
    this.lostBytes += to - from;
    this.options.onEvent('gap', { from, to, why });
    await this.options.mayWrite();
    await sink.append({ from, to, lines: 0, bytes: Buffer.alloc(0) });
  }
}

/** @returns null when it has not come within the time; it may still come */
async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, timeoutMs, null)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
