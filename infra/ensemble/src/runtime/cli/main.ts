/** The command line: one server in the foreground, until it is told to stop or can not go on. */
import { parseArgs } from 'node:util';
import { SERVER_VERSION } from '../admin/version.js';
import { loadZooCfg, type ServerConfig } from '../config/index.js';
import { EnsembleError } from '../../core/errors.js';
import { UsersMistake } from '../errors.js';
import { createLog, LOG_LEVELS, LogFormat, type LogLevel } from '../log/pino-log.js';
import { startServer, type ZkServer } from '../server/index.js';

export const ExitCode = { stopped: 0, failed: 1, usersMistake: 2 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const HELP = `Usage: zk-server [options] ZOO_CFG

Runs one ZooKeeper server in the foreground, from a configuration file of Apache's form.

Options:
  --log-format json|text   one line an event, to standard output (default: text on a terminal, else json)
  --log-level LEVEL        ${LOG_LEVELS.join(', ')} (default: info)
  --check                  reads the configuration, says what is wrong with it, and exits
  --version
  --help

SIGTERM and SIGINT stop it in order: everything that was acknowledged is on disk.

Exit status:
  0  it was told to stop
  1  it could not go on: a disk failed, data are damaged, or a broken invariant (the last line of the log says which)
  2  it could not start with what it was given: configuration, myid, directories, ports (one line on standard error)
`;

/** What the process gives; a test gives its own. */
export interface CliIo {
  readonly isTerminal: boolean;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Calls back once, when the process is told to stop. */
  onStop(stop: () => void): void;
  /** Told when the start begins and ends: what is read from the disk then makes many objects that live shortly. */
  starting?(isUnderWay: boolean): void;
}

export async function main(args: readonly string[], io: CliIo): Promise<ExitCode> {
  let options: Options;
  let config: ServerConfig;
  try {
    options = parseOptions(args, io);
    if ('answer' in options) {
      io.stdout(options.answer);
      return ExitCode.stopped;
    }
    config = loadZooCfg(options.file);
  } catch (error) {
    return complain(io, error);
  }
  if (options.check) {
    for (const warning of config.warnings) io.stdout(`${warning}\n`);
    return ExitCode.stopped;
  }
  const log = createLog({ format: options.format, level: options.level, serverId: config.serverId });
  let server: ZkServer | null = null;
  let isToldToStop = false;
  io.onStop(() => {
    isToldToStop = true;
    void server?.close();
  });
  io.starting?.(true);
  try {
    server = await startServer(config, { log });
  } catch (error) {
    return complain(io, error);
  } finally {
    io.starting?.(false);
  }
  if (isToldToStop) void server.close();
  const reason = await server.stopped;
  return reason === null ? ExitCode.stopped : complain(io, reason);
}

type Options =
  | { readonly answer: string }
  | { readonly file: string; readonly check: boolean; readonly format: LogFormat; readonly level: LogLevel };

class UsageError extends Error {}

function parseOptions(args: readonly string[], io: CliIo): Options {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'log-format': { type: 'string', default: io.isTerminal ? LogFormat.text : LogFormat.json },
        'log-level': { type: 'string', default: 'info' },
        check: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message} (see --help)`);
  }
  const { values, positionals } = parsed;
  if (values.help) return { answer: HELP };
  if (values.version) return { answer: `${SERVER_VERSION}\n` };
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    throw new UsageError(`expected one configuration file, found ${positionals.length} (see --help)`);
  }
  return {
    file,
    check: values.check,
    format: choice('log-format', values['log-format'], Object.values(LogFormat)),
    level: choice('log-level', values['log-level'], LOG_LEVELS),
  };
}

function choice<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${option}: expected ${choices.join(' or ')}, found ${JSON.stringify(value)} (see --help)`);
}

/** One line for what has a name; a stack only for what nobody thought of. */
function complain(io: CliIo, error: unknown): ExitCode {
  const isKnown = error instanceof EnsembleError || error instanceof UsageError || hasSystemCode(error);
  const text = isKnown ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr(`zk-server: ${text}\n`);
  return error instanceof UsersMistake || error instanceof UsageError ? ExitCode.usersMistake : ExitCode.failed;
}

/** Node's own message names the call and the file. */
function hasSystemCode(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
