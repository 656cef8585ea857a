/** Live traffic, by the word of the processes: each says in its URLs where it can be asked (`qos.port`). */
import { Inject, Injectable } from '@nestjs/common';
import type { Traffic } from '@menagerie/dubbo-nest';
import { Category } from '@menagerie/dubbo-url';
import { z } from 'zod';
import { ServiceTree } from '../tree/service-tree.js';

export interface TrafficView {
  /** `host:port` of its HTTP side. */
  readonly process: string;
  readonly traffic: Traffic | null;
  /** Why it says nothing. */
  readonly problem?: string;
}

/** Addresses come from the registry, which anybody may write: few, soon, and not much of an answer. */
const MAX_PROCESSES = 200;
const ANSWER_MS = 1_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

const count = z.number().int().min(0);
const counts = { active: count, succeeded: count, failed: count };
const calls = { sent: count, answered: count, retried: count, failed: count, causes: z.record(z.string(), count) };
const schema = z.object({
  application: z.string(),
  served: z.array(z.object({ method: z.string(), ...counts })),
  called: z.array(
    z.object({
      service: z.string(),
      ...calls,
      providers: z.array(z.object({ address: z.string(), isReachable: z.boolean(), ...counts })),
    }),
  ),
});

@Injectable()
export class TrafficReader {
  constructor(@Inject(ServiceTree) private readonly tree: ServiceTree) {}

  /** Of everybody who provides or calls the service, of all services they have to do with. */
  async traffic(service: string): Promise<readonly TrafficView[]> {
    await this.tree.assertKnown(service);
    const [providers, consumers] = await Promise.all([
      this.tree.list(service, Category.providers),
      this.tree.list(service, Category.consumers),
    ]);
    const processes = new Set<string>();
    for (const url of [...providers.urls, ...consumers.urls]) {
      const port = url.number('qos.port', 0);
      if (port > 0 && port < 65_536) processes.add(`${url.host}:${port}`);
    }
    return await Promise.all([...processes].sort().slice(0, MAX_PROCESSES).map(ask));
  }
}

async function ask(process: string): Promise<TrafficView> {
  try {
    const options = { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' } as const;
    const response = await fetch(`http://${process}/dubbo`, options);
    return { process, traffic: schema.parse(JSON.parse(await bounded(response))) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const problem = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    return { process, traffic: null, problem: problem ?? '' };
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`expected an answer up to ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
