/**
 *   npm run foreign -w @menagerie/conformance [-- NAME...]     zkCli cli_mt Curator kazoo; default: all
 *
 * Prints pass counts on Apache's server and on ours. Exit code 1 if ours passes less anywhere.
 */
import type { Engine } from '@menagerie/zookeeper-testing';
import { programs } from './programs.js';

const engines: readonly Engine[] = ['apache', 'menagerie'];
const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const say = (line: string): void => void process.stdout.write(`${line}\n`);

for (const { name, missing, run } of programs) {
  if (wanted.length > 0 && !wanted.some((word) => name.toLowerCase().includes(word))) continue;
  const reason = missing();
  if (reason !== null) {
    say(`${name}: skipped, ${reason}`);
    continue;
  }
  const scores = [];
  for (const engine of engines) scores.push(await run(engine));
  const [apache, ours] = scores as [(typeof scores)[0], (typeof scores)[0]];
  say(`${name}: Apache ${apache.passed}/${apache.total}, Menagerie ${ours.passed}/${ours.total}`);
  for (const [at, { failures }] of scores.entries()) for (const line of failures) say(`  ${engines[at]!}: ${line}`);
  if (ours.passed < apache.passed) process.exitCode = 1;
}
