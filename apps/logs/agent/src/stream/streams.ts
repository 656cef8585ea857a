/** Sends a source's stream to a collector, no faster than it takes it. */
import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { LogsError } from '@menagerie/logs-core';
import { encodeFrameHead, FrameKind, STREAM_TYPE } from '@menagerie/logs-protocol';
import { LOGGER, type Logger, METRICS, ShutdownOrder } from '@menagerie/service';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { SourceLog } from '../source/source-log.js';

/** A collector, its successor and a curious operator; a fourth is a mistake. */
const MAX_STREAMS_OF_SOURCE = 4;
const MAX_STREAMS = 4_000;
/** A word at least so often, so that a collector can tell a quiet source from a dead agent. */
const IDLE_EVERY_MS = 1_000;
/** A collector that takes nothing for so long is gone. */
const STALLED_MS = 60_000;

@Injectable()
export class Streams {
  private readonly stopping = new AbortController();
  private readonly open = new Map<string, number>();
  private total = 0;
  private readonly bytes: Counter;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    const total = (): number => this.total;
    new Gauge({
      name: 'logs_agent_streams',
      help: 'Collectors that read from this agent now',
      registers: [registry],
      collect() {
        this.set(total());
      },
    });
    this.bytes = new Counter({ name: 'logs_agent_sent_bytes', help: 'Bytes of logs sent', registers: [registry] });
    order.add('leave', 'streams', () => this.stopping.abort());
  }

  /**
   * Until the collector goes, the agent stops, or the source is refused.
   * @throws LogsError `LOGS_BAD_REQUEST` when there are too many readers
   */
  async send(log: SourceLog, from: number, response: ServerResponse): Promise<void> {
    const readers = this.open.get(log.source) ?? 0;
    if (readers >= MAX_STREAMS_OF_SOURCE || this.total >= MAX_STREAMS) {
      const most = `at most ${MAX_STREAMS_OF_SOURCE} readers of a source and ${MAX_STREAMS} in all`;
      throw new LogsError('LOGS_BAD_REQUEST', `${log.source}: expected ${most}, got another`, true);
    }
    this.open.set(log.source, readers + 1);
    this.total += 1;
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.setTimeout(STALLED_MS, () => response.destroy());
    response.writeHead(200, { 'content-type': STREAM_TYPE, 'cache-control': 'no-store' });
    try {
      await this.pump(log, from, response, AbortSignal.any([gone.signal, this.stopping.signal]));
      response.end();
    } catch (error) {
      this.logger.warn({ source: log.source, why: String(error) }, 'a stream broke off');
      response.destroy();
    } finally {
      this.total -= 1;
      this.open.set(log.source, (this.open.get(log.source) ?? 1) - 1);
    }
  }

  private async pump(log: SourceLog, from: number, response: ServerResponse, signal: AbortSignal): Promise<void> {
    let offset = from;
    while (!signal.aborted) {
      const part = await log.read(offset, performance.now());
      switch (part.kind) {
        case 'data':
          response.write(encodeFrameHead(FrameKind.data, part.from, part.to, part.bytes.length));
          this.bytes.inc(part.bytes.length);
          offset = part.to;
          await taken(response, response.write(part.bytes), signal);
          break;
        case 'gap':
          offset = part.to;
          await taken(response, write(response, FrameKind.gap, part.from, part.to, part.why), signal);
          break;
        case 'refused':
          write(response, FrameKind.refused, offset, offset, part.why);
          return;
        case 'end':
          await log.waitForMore(IDLE_EVERY_MS, signal);
          await taken(response, write(response, FrameKind.idle, offset, Math.max(offset, log.end), ''), signal);
          break;
        default:
          part satisfies never;
      }
    }
  }
}

function write(response: ServerResponse, kind: FrameKind, from: number, to: number, text: string): boolean {
  const payload = Buffer.from(text);
  return response.write(Buffer.concat([encodeFrameHead(kind, from, to, payload.length), payload]));
}

/** Back-pressure: nothing more is read from the disk before the collector has taken what was sent. */
async function taken(response: ServerResponse, flushed: boolean, signal: AbortSignal): Promise<void> {
  if (flushed || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
