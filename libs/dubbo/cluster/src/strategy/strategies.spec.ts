import { BusinessError, DubboError, DubboUrl, isDubboError } from '@menagerie/dubbo-url';
import { describe, expect, it } from 'vitest';
import { Provider } from '../provider/provider.js';
import type { Tries } from './cluster.js';
import { type StrategyName, strategy } from './strategies.js';

const broken = () => new DubboError('DUBBO_UNREACHABLE', 'gone', { retryable: true });
const refused = () => new BusinessError('SOLD_OUT', 'none left');
type Behaviour = 'ok' | 'broken' | 'refused' | 'hangs';

function rig(behaviours: readonly Behaviour[], options: Partial<Tries<string[]>> = {}) {
  const providers = behaviours.map(
    (_, n) => new Provider(DubboUrl.parse(`tri://10.0.0.${n + 1}:1/a.B?group=g${n % 2}`)),
  );
  const calls: number[] = [];
  const later: (() => Promise<void>)[] = [];
  const swallowed: unknown[] = [];
  const aborted: number[] = [];
  let retries = 0;
  const tries: Tries<string[]> = {
    list: () => providers,
    select: (list, tried) => list.find((one) => !tried.has(one)) ?? list[0]!,
    invoke: (provider, signal) => {
      const index = providers.indexOf(provider);
      calls.push(index + 1);
      if (behaviours[index] === 'hangs') {
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => {
            aborted.push(index + 1);
            reject(broken());
          }),
        );
      }
      if (behaviours[index] === 'broken') return Promise.reject(broken());
      return behaviours[index] === 'refused' ? Promise.reject(refused()) : Promise.resolve([`from ${index + 1}`]);
    },
    mayRetry: (error) => !(error instanceof BusinessError),
    retries: 2,
    failPercent: 100,
    forks: 2,
    isReachable: (provider) => behaviours[providers.indexOf(provider)] !== 'broken',
    onSwallowed: (error) => void swallowed.push(error),
    onRetry: () => void (retries += 1),
    later: (task) => later.length < 100 && later.push(task) > 0,
    merge: (results) => results.flat(),
    ...options,
  };
  const run = (name: StrategyName) => strategy(name)(tries);
  return { run, calls, later, swallowed, aborted, retried: () => retries };
}
const code = (wanted: string) => expect.toSatisfy((error) => isDubboError(error) && error.code === wanted);

describe('failover', () => {
  it('tries others, never the same twice while there are others', async () => {
    const one = rig(['broken', 'broken', 'ok']);
    expect(await one.run('failover')).toEqual(['from 3']);
    expect(one.calls).toEqual([1, 2, 3]);
    expect(one.retried()).toBe(2);
  });

  it('gives up after its tries and says how many', async () => {
    const one = rig(['broken', 'broken', 'broken', 'ok']);
    await expect(one.run('failover')).rejects.toThrow('none from 3 providers in 3 tries: gone');
  });

  it('with retries 0 tries once', async () => {
    const one = rig(['broken', 'ok'], { retries: 0 });
    await expect(one.run('failover')).rejects.toThrow(code('DUBBO_EXHAUSTED'));
    expect(one.calls).toEqual([1]);
  });

  it('takes a refusal for an answer', async () => {
    const one = rig(['refused', 'ok']);
    await expect(one.run('failover')).rejects.toThrow(code('DUBBO_BUSINESS'));
    expect(one.calls).toEqual([1]);
  });
});

describe('failfast, failsafe, failback', () => {
  it('failfast tries once', async () => {
    const one = rig(['broken', 'ok']);
    await expect(one.run('failfast')).rejects.toThrow(code('DUBBO_UNREACHABLE'));
    expect(one.calls).toEqual([1]);
  });

  it('failsafe answers with nothing', async () => {
    const one = rig(['broken']);
    expect(await one.run('failsafe')).toBeNull();
    expect(one.swallowed).toHaveLength(1);
  });

  it('failback answers with nothing and tries three times more, later', async () => {
    const one = rig(['broken']);
    expect(await one.run('failback')).toBeNull();
    for (let round = 0; round < one.later.length; round++) await one.later[round]!();
    expect(one.calls).toHaveLength(4);
  });

  it('failback without room fails at once', async () => {
    await expect(rig(['broken'], { later: () => false }).run('failback')).rejects.toThrow(code('DUBBO_UNREACHABLE'));
  });
});

describe('forking', () => {
  it('takes the first answer and ends the other call', async () => {
    const one = rig(['hangs', 'ok', 'ok']);
    expect(await one.run('forking')).toEqual(['from 2']);
    expect(one.calls).toEqual([1, 2]);
    expect(one.aborted).toEqual([1]);
  });

  it('fails only when all have', async () => {
    await expect(rig(['broken', 'broken']).run('forking')).rejects.toThrow(code('DUBBO_EXHAUSTED'));
    await expect(rig(['broken', 'refused']).run('forking')).rejects.toThrow(code('DUBBO_BUSINESS'));
  });

  it('calls two even when the balancer insists on one', async () => {
    const one = rig(['broken', 'ok'], { select: (list) => list[0]! });
    expect(await one.run('forking')).toEqual(['from 2']);
  });
});

describe('broadcast, available, mergeable', () => {
  it('broadcast calls all and fails in the end', async () => {
    const one = rig(['broken', 'ok', 'ok']);
    await expect(one.run('broadcast')).rejects.toThrow('gone');
    expect(one.calls).toEqual([1, 2, 3]);
  });

  it('broadcast stops early at its share of failures', async () => {
    const one = rig(['broken', 'broken', 'ok', 'ok'], { failPercent: 50 });
    await expect(one.run('broadcast')).rejects.toThrow('gone');
    expect(one.calls).toEqual([1, 2]);
  });

  it('available takes the first with a connection', async () => {
    expect(await rig(['broken', 'ok']).run('available')).toEqual(['from 2']);
    await expect(rig(['broken']).run('available')).rejects.toThrow(code('DUBBO_UNREACHABLE'));
  });

  it('mergeable joins one result of each group', async () => {
    expect(await rig(['ok', 'ok', 'ok']).run('mergeable')).toEqual(['from 1', 'from 2']);
  });
});

it('a strategy that nobody knows is answered with those that exist', () => {
  expect(() => strategy('hope')).toThrow('expected a strategy (failover, failfast');
});
