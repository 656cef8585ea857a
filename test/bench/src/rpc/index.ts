/** Calls through discovery and balancing beside plain gRPC and plain HTTP/JSON; how news travels. */
import type { Bench, Part, Target } from '../harness/bench.js';
import { measureCalls } from './calls.js';
import { measureFanOut } from './fan-out.js';
import { measureLife } from './life.js';
import { Stage } from './stage.js';

const OURS = 'menagerie';
const PEER = 'peer';
const SIZES = { empty: 0, '1k': 1_024, '50k': 51_200 } as const;

let stage: Promise<Stage> | null = null;
const onStage = (): Promise<Stage> => (stage ??= Stage.open());

function calls(size: keyof typeof SIZES, peer: 'grpc-js' | 'http', target?: Target): Part {
  const row = `${size}, beside ${peer === 'http' ? 'HTTP/JSON' : peer}`;
  return {
    about: `${row}: calls a second, p99, processor time of the caller`,
    async run(subject, record, context) {
      const contestant = subject === OURS ? 'menagerie' : peer;
      await measureCalls(await onStage(), contestant, SIZES[size], row, record, context, target);
    },
  };
}

export const rpcBench: Bench = {
  subjects: [OURS, PEER],
  titles: { [PEER]: 'the peer' },
  settings: { callers: 32, consumers: 1_000, providers: 100 },
  close: async () => await (await stage)?.close(),
  parts: {
    'grpc-empty': calls('empty', 'grpc-js', { ratioAtLeast: 0.9 }),
    'grpc-1k': calls('1k', 'grpc-js', { ratioAtLeast: 0.9 }),
    'grpc-50k': calls('50k', 'grpc-js', { ratioAtLeast: 0.9 }),
    'http-empty': calls('empty', 'http'),
    'http-1k': calls('1k', 'http'),
    'http-50k': calls('50k', 'http'),
    life: {
      about: 'a provider is registered until it is called; it is killed (-9) until no call fails any more',
      maxRounds: 3,
      async run(subject, record) {
        if (subject === OURS) await measureLife(await onStage(), record);
      },
    },
    'fan-out': {
      about: 'consumers with a session each learn of providers that come one after the other; the peer: not coalesced',
      maxRounds: 1,
      async run(subject, record, { setting }) {
        const size = {
          consumers: setting('consumers'),
          providers: setting('providers'),
        };
        await measureFanOut(await onStage(), record, {
          ...size,
          coalesceMs: subject === OURS ? 50 : 0,
        });
      },
    },
  },
};
