/** The command line, put together: each command registers itself. */
import { Command } from 'commander';

import { registerChaos } from './commands/chaos.js';
import { registerConfig } from './commands/config.js';
import { registerDdns } from './commands/ddns.js';
import { registerDemo } from './commands/demo.js';
import { registerDubbo } from './commands/dubbo.js';
import { registerKafka } from './commands/kafka.js';
import { registerLogs } from './commands/logs.js';
import { registerNames } from './commands/names.js';
import { registerReplicator } from './commands/replicator.js';
import { registerStart } from './commands/start.js';
import { registerStatus } from './commands/status.js';
import { registerYarn } from './commands/yarn.js';
import type { CliContext } from './context.js';
import { registerZk } from './zk/zk.js';

/** How a system adds its commands. */
export type Registration = (program: Command, context: CliContext) => void;

const registrations: readonly Registration[] = [
  registerStart,
  registerStatus,
  registerChaos,
  registerDemo,
  registerYarn,
  registerZk,
  registerKafka,
  registerLogs,
  registerConfig,
  registerNames,
  registerDdns,
  registerReplicator,
  registerDubbo,
];

export function createProgram(context: CliContext): Command {
  const program = new Command('menagerie')
    .description('Classic systems on ZooKeeper: run them, look at them, break them.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.output.line(text.trimEnd()),
      writeErr: (text) => context.output.note(text.trimEnd()),
    })
    .addHelpText(
      'after',
      `
Environment:
  MENAGERIE_DATA          where everything is written (default .data)
  MENAGERIE_PORT_OFFSET   added to every port (default: as started last)
  MENAGERIE_ZK            a foreign ensemble to run on (default: as started last)

Exit codes:
  0  done; for status: all healthy; for demo: every claim held
  1  not so, or failed
  2  used in a way that cannot work; one line says why`,
    );
  for (const register of registrations) register(program, context);
  return program;
}
