/** `menagerie status`: everything there is to know about the running system, in one table or as JSON. */
import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';

import { type CliContext, planInForce } from '../context.js';
import { ExitCode } from '../errors.js';
import { seconds } from '../options.js';
import { collectStatus } from '../status/collect.js';
import { renderStatus } from '../status/render.js';

const POLL_MS = 500;

export function registerStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .summary('show every process, the ensemble and the systems on it')
    .description(
      'Shows every process, the servers of the ensemble with role, zxid and sessions, and the systems that run on it.\n' +
        'Exit code 0 only when all of it is healthy, else 1.',
    )
    .option('--wait', 'wait until all is healthy')
    .option('--timeout <seconds>', 'how long to wait', seconds, 60)
    .option('--json', 'print JSON')
    .action(async (options: { wait?: boolean; timeout: number; json?: boolean }) => {
      const plan = planInForce(context);
      const endMs = performance.now() + options.timeout * 1000;
      let status = await collectStatus(plan);
      while (options.wait === true && !status.healthy && performance.now() < endMs) {
        await sleep(POLL_MS, undefined, { signal: context.signal });
        status = await collectStatus(plan);
      }
      const { output } = context;
      if (options.json === true) output.line(JSON.stringify(status, undefined, 2));
      else for (const line of renderStatus(status, output.isTerminal)) output.line(line);
      if (!status.healthy) context.exitCode = ExitCode.failure;
    });
}
