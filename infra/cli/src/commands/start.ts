/** `menagerie start`, which is `npm start`: everything up, until Ctrl-C. */
import type { Command } from 'commander';

import { Chaos } from '@menagerie/chaos';
import { allProcesses, launch, type Plan } from '@menagerie/topology';

import { type CliContext, planOfStart } from '../context.js';
import { paint } from '../output/colour.js';
import { collectStatus, platformProbe } from '../status/collect.js';
import { renderStatus } from '../status/render.js';

export function registerStart(program: Command, context: CliContext): void {
  program
    .command('start')
    .summary('start everything and keep it running until Ctrl-C')
    .description(
      'Starts the ensemble and every system on it through Nx, waits until all is healthy, prints the addresses and then\n' +
        'a line that begins with "ready". Ctrl-C or SIGTERM stops all of it. Logs are in .data/logs.',
    )
    .option('--zk <servers>', 'run on this ZooKeeper ensemble (HOST:PORT,...) instead of starting ours')
    .option('--port-offset <n>', 'add n to every port')
    .option('--verbose', 'show what every process prints')
    .action(async (options: { zk?: string; portOffset?: string; verbose?: boolean }) => {
      const plan = planOfStart(context, { zkConnect: options.zk, portOffset: options.portOffset });
      const { output, signal, root } = context;
      const p = paint(output.isTerminal);
      output.line(`starting ${allProcesses(plan).length} processes; logs in ${plan.settings.dataRoot}/logs`);
      // Packets that an earlier run has left cut off would keep this one from becoming healthy.
      const chaos = new Chaos(plan);
      chaos.healAll();
      await launch({
        plan,
        root,
        verbose: options.verbose === true,
        signal,
        print: (line) => output.line(p.dim(`  ${line}`)),
        isHealthy: () => platformProbe(plan),
        onReady: (tookMs) => {
          void collectStatus(plan).then((status) => {
            output.line();
            for (const line of renderStatus(status, output.isTerminal)) output.line(line);
            output.line(readyLine(plan, tookMs));
          });
        },
      }).finally(() => chaos.healAll());
    });
}

/** Scripts wait for the word at its start. */
function readyLine(plan: Plan, tookMs: number): string {
  const http = allProcesses(plan).flatMap(({ id, host, ports }) =>
    ports['http'] === undefined ? [] : [`${id} http://${host}:${ports['http']}`],
  );
  return `ready after ${(tookMs / 1000).toFixed(1)} s: zookeeper ${plan.zkConnect}, ${http.join(', ')}`;
}
