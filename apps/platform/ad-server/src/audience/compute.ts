/** The heavy part: from all visits of a day to the users who shall see ads on a topic. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ComputeOptions {
  readonly visits: string;
  readonly paceMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (lines: number) => void;
}

/** Who has visited a topic so often is interested in it. */
const INTERESTED = 3;
const LINES_BETWEEN_RESTS = 1_000;

/** By topic, users in order. */
export type Audience = Readonly<Record<string, readonly string[]>>;

export async function computeAudience({ visits, paceMs, signal, onProgress }: ComputeOptions): Promise<Audience> {
  const counts = new Map<string, Map<string, number>>();
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(visits) })) {
    const [user, topic] = line.split(',');
    if (user === undefined || topic === undefined) continue;
    let users = counts.get(topic);
    if (users === undefined) counts.set(topic, (users = new Map()));
    users.set(user, (users.get(user) ?? 0) + 1);
    if (++lines % LINES_BETWEEN_RESTS !== 0) continue;
    onProgress(lines);
    if (paceMs > 0) await sleep(paceMs, undefined, { signal });
    signal.throwIfAborted();
  }
  onProgress(lines);
  const topics = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    topics.map(([topic, users]) => [
      topic,
      [...users]
        .filter(([, visited]) => visited >= INTERESTED)
        .map(([user]) => user)
        .sort(),
    ]),
  );
}
