/** How fast a provider is found, and how long its death is felt. */
import type { Recorder } from '../harness/bench.js';
import type { Stage } from './stage.js';

const FELT_MS = 8_000;

/** kill -9 of one of two, called all the time by a consumer that does not try again. */
export async function measureLife(stage: Stage, record: Recorder): Promise<void> {
  const first = await stage.provider('first');
  const { reference, close } = await stage.reference({ cluster: 'failfast' });
  const answered = new Map<string, number>();
  let lastFailureMs = 0;
  let failures = 0;
  let stop = false;
  const load = (async (): Promise<void> => {
    while (!stop) {
      try {
        const who = String(await reference.call('who'));
        if (!answered.has(who)) answered.set(who, performance.now());
      } catch {
        failures += 1;
        lastFailureMs = performance.now();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  try {
    await until(() => answered.has('first'));
    const second = await stage.provider('second');
    const listedMs = performance.now();
    await until(() => answered.has('second'));
    record.add({ name: 'registered, to its first call', unit: 'ms' }, (answered.get('second') ?? 0) - listedMs);
    failures = 0;
    const killedMs = performance.now();
    lastFailureMs = killedMs;
    second.child.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, FELT_MS));
    record.add({ name: 'kill -9, to the last failed call (failfast)', unit: 'ms' }, lastFailureMs - killedMs);
    record.add({ name: 'failed calls of it', unit: 'calls' }, failures);
  } finally {
    stop = true;
    await load;
    await close();
    first.child.kill('SIGKILL');
  }
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('not within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
