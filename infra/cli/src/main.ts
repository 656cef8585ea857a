/** `menagerie ARGUMENTS`: runs one command and ends the process with its exit code. */
import { CommanderError } from 'commander';
import { join } from 'node:path';

import { ChaosError } from '@menagerie/chaos';
import { TopologyError } from '@menagerie/topology';

import type { CliContext } from './context.js';
import { CliError, ExitCode } from './errors.js';
import { createProgram } from './program.js';

/** Mistakes of the user that are found below the command line. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'TOPOLOGY_SETTINGS',
  'TOPOLOGY_UNKNOWN_NAME',
  'TOPOLOGY_PORT_TAKEN',
  'TOPOLOGY_ALREADY_RUNNING',
]);

/** @param args without the names of node and script */
export async function main(args: readonly string[]): Promise<never> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal));
  const context: CliContext = {
    root: join(import.meta.dirname, '../../..'),
    environment: process.env,
    output: {
      line: (text = '') => void process.stdout.write(`${text}\n`),
      note: (text) => void process.stderr.write(`${text}\n`),
      isTerminal: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
    },
    signal: stop.signal,
    exitCode: ExitCode.ok,
  };
  // Whoever reads our output may be gone, as in `menagerie status | head -1`.
  process.stdout.on('error', () => process.exit(context.exitCode));
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' });
  } catch (error) {
    context.exitCode = report(error, context, stop.signal);
  }
  process.exit(context.exitCode);
}

function report(error: unknown, { output }: CliContext, stopped: AbortSignal): ExitCode {
  // Commander has said what was wrong already; its help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (stopped.aborted && error instanceof Error && error.name === 'AbortError') return ExitCode.failure;
  if (error instanceof TopologyError || error instanceof ChaosError || error instanceof CliError) {
    output.note(`menagerie: ${error.message}`);
    return exitCodeOf(error);
  }
  output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return ExitCode.failure;
}

function exitCodeOf(error: TopologyError | ChaosError | CliError): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  const mistake = error instanceof ChaosError ? error.userMistake : USAGE_CODES.has(error.code);
  return mistake ? ExitCode.usage : ExitCode.failure;
}
