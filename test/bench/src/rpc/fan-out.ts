/** A crowd of consumers, each with a session, learns of a rolling start of providers. */
import { Category, DubboUrl, nameOf } from '@menagerie/dubbo-url';
import type { Recorder } from '../harness/bench.js';
import type { Stage } from './stage.js';

const WAIT_MS = 120_000;
const AT_ONCE = 50;

export async function measureFanOut(
  stage: Stage,
  record: Recorder,
  size: { consumers: number; providers: number; coalesceMs: number },
): Promise<void> {
  const name = `bench.FanOut${Date.now()}`;
  const consumer = DubboUrl.parse(`consumer://127.0.0.1/${name}?category=consumers&side=consumer`);
  const registries = Array.from({ length: size.consumers }, () => stage.registry(size.coalesceMs));
  const known = new Array<number>(size.consumers).fill(0);
  let [notifications, bytes] = [0, 0];
  const provider = stage.registry();
  try {
    for (let from = 0; from < registries.length; from += AT_ONCE) {
      await Promise.all(
        registries.slice(from, from + AT_ONCE).map((registry, at) =>
          registry.subscribe(consumer, [Category.providers], (urls) => {
            const real = urls.filter(({ protocol }) => protocol !== 'empty');
            known[from + at] = real.length;
            notifications += 1;
            for (const url of real) bytes += nameOf(url).length;
          }),
        ),
      );
    }
    [notifications, bytes] = [0, 0];
    const beganMs = performance.now();
    for (let n = 0; n < size.providers; n++) {
      const query = `anyhost=true&application=bench&interface=${name}&methods=echo&side=provider&timestamp=${n}`;
      await provider.register(DubboUrl.parse(`tri://10.0.0.1:${20_000 + n}/${name}?${query}`));
    }
    while (known.some((count) => count < size.providers)) {
      if (performance.now() - beganMs > WAIT_MS) throw new Error('not all consumers know all providers');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    record.add({ name: 'until everybody knows all', unit: 'ms' }, performance.now() - beganMs);
    record.add({ name: 'notifications a consumer', unit: '' }, notifications / size.consumers);
    record.add({ name: 'names read', unit: 'MB' }, bytes / 1e6);
  } finally {
    await Promise.all([provider, ...registries].map((registry) => registry.close()));
  }
}
