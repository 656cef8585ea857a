import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LogsError } from '@menagerie/logs-core';
import { encodeFrame, FrameKind } from '@menagerie/logs-protocol';
import type { Batch, Sink, SourceSink } from '@menagerie/logs-sink';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Puller } from './puller.js';

const BLOCK = Buffer.from(`${'x'.repeat(1_023)}\n`.repeat(256));
const TOTAL_BYTES = 256 * BLOCK.length;

/** An agent that has 64 MiB of a source, and sends as fast as it is read. */
class FastAgent {
  sentBytes = 0;
  /** Offsets from which it was asked. */
  readonly asked: number[] = [];
  private readonly server: Server = createServer((request, response) => {
    const from = Number(new URL(request.url ?? '/', 'http://agent').searchParams.get('from'));
    this.asked.push(from);
    this.send(response, from);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private send(response: ServerResponse, at: number): void {
    if (at >= TOTAL_BYTES) {
      response.write(encodeFrame({ kind: FrameKind.idle, from: at, to: at, payload: Buffer.alloc(0) }));
      return;
    }
    const to = at + BLOCK.length;
    const more = response.write(encodeFrame({ kind: FrameKind.data, from: at, to, payload: BLOCK }));
    this.sentBytes += BLOCK.length;
    if (more) setImmediate(() => this.send(response, to));
    else response.once('drain', () => this.send(response, to));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A sink whose writes wait until they are let through, or fail. */
class MoodySink implements Sink {
  position = 0;
  opened = 0;
  waiting: (() => void)[] = [];
  mood: 'slow' | 'full' | 'well' = 'well';

  open(): Promise<SourceSink> {
    this.opened += 1;
    const position = (): number => this.position;
    return Promise.resolve({
      get position() {
        return position();
      },
      append: (batch) => this.append(batch),
      close: () => Promise.resolve(),
    });
  }

  private async append({ from, to }: Batch): Promise<void> {
    if (this.mood === 'full') throw new LogsError('LOGS_SINK_UNAVAILABLE', 'web-01: no space left on device', true);
    if (this.mood === 'slow') await new Promise<void>((resolve) => this.waiting.push(resolve));
    expect(from).toBe(this.position);
    this.position = to;
  }

  recover(): void {
    this.mood = 'well';
    for (const go of this.waiting.splice(0)) go();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a source on its way into a sink', () => {
  const agent = new FastAgent();
  const events: { event: string; why?: unknown }[] = [];
  let puller: Puller | undefined;
  afterEach(async () => {
    await puller?.stop();
    agent.stop();
  });

  const pull = async (sink: Sink): Promise<Puller> => {
    await agent.start();
    puller = new Puller({
      source: 'web-01',
      gen: 1,
      sink,
      batchBytes: 1024 * 1024,
      lingerMs: 20,
      agentAddress: () => Promise.resolve(agent.address),
      mayWrite: () => Promise.resolve(),
      onBatch: () => undefined,
      onEvent: (event, fields) => void events.push({ event, ...fields }),
    });
    puller.start();
    return puller;
  };

  it('is held back, down to the agent, by a sink that is slow; what is read and not written stays small', async () => {
    const sink = new MoodySink();
    sink.mood = 'slow';
    const pulled = await pull(sink);
    await waitFor(() => Promise.resolve(sink.waiting.length > 0), { timeoutMs: 10_000, what: 'the first write' });
    let sent = -1;
    await waitFor(
      () => {
        const still = agent.sentBytes === sent;
        sent = agent.sentBytes;
        return Promise.resolve(still);
      },
      { timeoutMs: 10_000, what: 'an agent that is held back', intervalMs: 200 },
    );
    expect(agent.sentBytes).toBeLessThan(TOTAL_BYTES / 2);
    sink.recover();
    await waitFor(() => Promise.resolve(pulled.offset === TOTAL_BYTES), { timeoutMs: 30_000, what: 'every byte' });
    expect(agent.asked).toEqual([0]);
  });

  it('waits while the sink is full, says why, and goes on where the sink ends', async () => {
    const sink = new MoodySink();
    sink.mood = 'full';
    const pulled = await pull(sink);
    await waitFor(() => Promise.resolve(pulled.trouble?.includes('no space left') === true && sink.opened > 1), {
      timeoutMs: 10_000,
      what: 'the trouble, and another try',
    });
    expect(events.filter(({ why }) => String(why).includes('no space left'))).toHaveLength(1);
    sink.recover();
    await waitFor(() => Promise.resolve(pulled.offset === TOTAL_BYTES && pulled.trouble === null), {
      timeoutMs: 30_000,
      what: 'every byte, and no trouble',
    });
    expect(new Set(agent.asked)).toEqual(new Set([0]));
  });
});
