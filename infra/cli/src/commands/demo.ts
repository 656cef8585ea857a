/** `menagerie demo`: break something on purpose, watch what happens, and check what was promised. */
import type { Command } from 'commander';

import { Chaos } from '@menagerie/chaos';
import { identify, type Plan, Registry } from '@menagerie/topology';
import { ZooKeeper } from '@menagerie/zookeeper-client';

import { type CliContext, planInForce } from '../context.js';
import type { Demo, DemoOfItsOwn } from '../demos/demo.js';
import { demos } from '../demos/index.js';
import { type DemoAudience, type DemoResult, runAlone, runDemo } from '../demos/run-demo.js';
import { formatMoment } from '../demos/timeline.js';
import { ExitCode, UsageError } from '../errors.js';
import { paint } from '../output/colour.js';
import { table } from '../output/table.js';
import { collectStatus, platformProbe } from '../status/collect.js';
import { yarnClient } from '../status/yarn-status.js';

/** The demo's own session outlives the elections that it provokes. */
const SESSION_TIMEOUT_MS = 20_000;
/** Stands in the registry while a demo runs. */
const DEMO = 'demo';

export function registerDemo(program: Command, context: CliContext): void {
  program
    .command('demo')
    .summary('break something on purpose and check what was promised')
    .description(
      'Runs a demo on the running system: it injects a failure, prints what happens and when, checks each of its claims\n' +
        'on the data, and mends what it broke. Exit code 0 only when every claim held.',
    )
    .argument('[name]', 'which demo')
    .option('--list', 'list the demos')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nDemos:\n${list().join('\n')}`)
    .action(async (name: string | undefined, options: { list?: boolean; json?: boolean }) => {
      if (options.list === true) return printList(context, options.json === true);
      const demo = demos.find((candidate) => candidate.name === name);
      if (demo === undefined) {
        const known = demos.map((candidate) => candidate.name).join(', ');
        throw new UsageError(`expected a demo (${known}), got ${name === undefined ? 'none' : `"${name}"`}`);
      }
      const result = await play(demo, context, options.json === true);
      if (!result.held) context.exitCode = ExitCode.failure;
    });
}

function list(): readonly string[] {
  return demos.map(({ name, title }) => `  ${name.padEnd(24)}${title}`);
}

function printList({ output }: CliContext, json: boolean): void {
  if (json) {
    const shown = demos.map((demo) => {
      const { name, title, promises } = demo;
      const how = 'standsAlone' in demo ? { standsAlone: true } : { breaksEnsemble: demo.breaksEnsemble };
      return { name, title, promises, ...how };
    });
    return output.line(JSON.stringify(shown, undefined, 2));
  }
  for (const { name, title, promises } of demos) {
    output.line(`${name}: ${title}`);
    for (const promise of promises) output.line(`  - ${promise}`);
  }
}

async function play(demo: Demo | DemoOfItsOwn, context: CliContext, json: boolean): Promise<DemoResult> {
  const { output, signal } = context;
  const p = paint(output.isTerminal);
  if (!json) {
    output.line(p.bold(`${demo.name}: ${demo.title}`));
    for (const promise of demo.promises) output.line(`  - ${promise}`);
    output.line();
  }
  const audience: DemoAudience = {
    signal,
    now: () => performance.now(),
    onMoment: (moment) => (json ? undefined : output.line(formatMoment(moment))),
  };
  const result = await ('standsAlone' in demo ? runAlone(demo, audience) : playOnPlatform(demo, context, audience));
  if (json) output.line(JSON.stringify(result, undefined, 2));
  else for (const line of render(result, output.isTerminal)) output.line(line);
  return result;
}

async function playOnPlatform(demo: Demo, context: CliContext, audience: DemoAudience): Promise<DemoResult> {
  const plan = planInForce(context);
  const chaos = new Chaos(plan);
  const release = claimSystem(plan);
  const { signal } = context;
  return runDemo(demo, {
    ...audience,
    plan,
    isHealthy: () => platformProbe(plan),
    restore: () => chaos.restore(),
    connect: async () => {
      const zk = await ZooKeeper.connect({ connect: plan.zkConnect, sessionTimeoutMs: SESSION_TIMEOUT_MS, signal });
      return {
        context: { root: context.root, plan, chaos, zk, yarn: yarnClient(plan), status: () => collectStatus(plan) },
        close: async () => void (await zk.close()),
      };
    },
  }).finally(release);
}

/** Two demos at a time would break each other's claims. @throws AlreadyRunningError */
function claimSystem(plan: Plan): () => void {
  const registry = new Registry(plan.settings.dataRoot);
  const self = identify(process.pid);
  if (self !== undefined) registry.claimGroup(DEMO, self);
  return () => registry.forgetSupervisor(DEMO);
}

function render(result: DemoResult, colours: boolean): readonly string[] {
  const p = paint(colours);
  const rows = result.claims.map(({ claim, held, evidence }) => [
    held ? p.green('held') : p.red('BROKEN'),
    claim,
    evidence,
  ]);
  const lines = ['', ...table([{ title: 'VERDICT' }, { title: 'CLAIM' }, { title: 'EVIDENCE' }], rows)];
  if (result.failure !== undefined) lines.push('', p.red(`did not get to its end: ${result.failure}`));
  const took = `${(result.tookMs / 1000).toFixed(1)} s`;
  lines.push(
    '',
    result.held
      ? p.green(`${result.demo}: every claim held, ${took}`)
      : p.red(`${result.demo}: not as promised, ${took}`),
  );
  return lines;
}
