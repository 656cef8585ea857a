/**
 * The cross-check as a command:
 *
 *   npm run cross-check -w @menagerie/conformance -- [--seed N] [--requests N] [--clients N]
 *   npm run cross-check -w @menagerie/conformance -- --listen PORT    for any client, until Ctrl-C
 *
 * Prints each difference, then both tree digests; exit code 1 if anything differed.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { engineAvailable } from '@menagerie/zookeeper-testing';
import type { Difference } from './cross-check.js';
import { randomLoad } from './random-load.js';
import { startPair } from './run.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function show({ request, operation, what, reference, subject }: Difference): void {
  say(`request ${request} (${operation}): ${what} differs\n  reference  ${reference}\n  subject    ${subject}`);
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    requests: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '4' },
    listen: { type: 'string' },
  },
});

const { available, reason } = engineAvailable('apache');
if (!available) {
  process.stderr.write(`cross-check: ${reason}\n`);
  process.exit(2);
}

await using pair = await startPair(show, Number(values.listen ?? 0));
const { check } = pair;
if (values.listen === undefined) {
  say(`seed ${values.seed}: ${values.requests} requests of ${values.clients} clients`);
  const errors = await randomLoad(
    { host: '127.0.0.1', clientPort: check.port },
    { seed: Number(values.seed), requests: Number(values.requests), clients: Number(values.clients) },
  );
  say(`${check.requests} requests, ${errors} of them refused`);
} else {
  say(`connect to 127.0.0.1:${check.port}; Ctrl-C ends it`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
const [reference, subject] = await pair.treeDigests();
say(`${check.differences.length} differences; tree ${reference === subject ? 'the same' : 'differs'}: ${subject}`);
if (check.differences.length > 0 || reference !== subject) process.exitCode = 1;
