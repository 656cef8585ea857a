/** `menagerie chaos`: one fault at a time, and the way back from each. */
import type { Command } from 'commander';

import { Chaos } from '@menagerie/chaos';

import { type CliContext, planInForce } from '../context.js';
import { resolveTarget, TARGET_HELP } from '../targets.js';

interface Fault {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** @returns what happened, as a sentence and as fields */
  readonly inject: (chaos: Chaos, id: string) => Promise<{ readonly text: string; readonly fields: object }>;
}

const faults: readonly Fault[] = [
  {
    name: 'kill',
    summary: 'kill -9, and keep it down',
    description: 'Kills the process with SIGKILL. It is not started again until "chaos restart".',
    inject: async (chaos, id) => {
      const { pid } = await chaos.kill(id);
      return {
        text: `${id} killed (process ${pid}), held down; back with: menagerie chaos restart ${id}`,
        fields: { pid },
      };
    },
  },
  {
    name: 'pause',
    summary: 'stop it without ending it (SIGSTOP)',
    description:
      'Stops the process with SIGSTOP: it keeps its sockets and its belief about the world, and does nothing.',
    inject: async (chaos, id) => {
      const { pid } = await chaos.pause(id);
      return { text: `${id} paused (process ${pid}); on with: menagerie chaos resume ${id}`, fields: { pid } };
    },
  },
  {
    name: 'resume',
    summary: 'let a paused process go on (SIGCONT)',
    description: 'Lets a paused process go on.',
    inject: async (chaos, id) => {
      const { pid } = await chaos.resume(id);
      return { text: `${id} goes on (process ${pid})`, fields: { pid } };
    },
  },
  {
    name: 'restart',
    summary: 'bring a killed process back, or start a running one anew',
    description:
      'Lets a process that was killed start again; stops a running one in good order so that it starts anew.',
    inject: async (chaos, id) => {
      const { pid } = await chaos.restart(id);
      return { text: `${id} runs (process ${pid}) and is healthy`, fields: { pid } };
    },
  },
  {
    name: 'partition',
    summary: 'drop every packet from and to it',
    description:
      'Drops every packet from and to the process on the loopback interface, without telling anybody. Needs root, a\n' +
      'system that root has started, and nft (apt-get install nftables).',
    inject: async (chaos, id) => {
      const { ports, links } = chaos.partition(id);
      const text = `${id} cut off (ports ${ports.join(', ')}, ${links.length} open links); back with: menagerie chaos heal ${id}`;
      return { text, fields: { ports, links } };
    },
  },
  {
    name: 'heal',
    summary: 'take a partition back',
    description: 'Takes a partition back.',
    inject: (chaos, id) => {
      chaos.heal(id);
      return Promise.resolve({ text: `${id} is reachable again`, fields: {} });
    },
  },
  {
    name: 'expire',
    summary: 'expire its ZooKeeper sessions',
    description:
      'Ends every ZooKeeper session that the process says it holds, as if it had expired. The process learns of it from\n' +
      'the ensemble, as in the real case. Only for processes that are clients of ZooKeeper.',
    inject: async (chaos, id) => {
      const sessions = await chaos.expire(id);
      return { text: `${id}: ${sessions.join(', ')} expired`, fields: { sessions } };
    },
  },
];

export function registerChaos(program: Command, context: CliContext): void {
  const chaos = program
    .command('chaos')
    .summary('break something on purpose, or mend it')
    .description('Injects one fault into one process of the running system, or takes it back.')
    .addHelpText('after', `\n${TARGET_HELP}`);
  for (const { name, summary, description, inject } of faults) {
    chaos
      .command(name)
      .summary(summary)
      .description(description)
      .argument('<target>', 'a process or a role')
      .option('--json', 'print JSON')
      .addHelpText('after', `\n${TARGET_HELP}`)
      .action(async (target: string, options: { json?: boolean }) => {
        const plan = planInForce(context);
        const id = await resolveTarget(plan, target);
        const { text, fields } = await inject(new Chaos(plan), id);
        context.output.line(options.json === true ? JSON.stringify({ fault: name, target: id, ...fields }) : text);
      });
  }
}
