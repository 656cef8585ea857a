/**
 * `menagerie zk`: the shell of zkCli, one command of it, or a look into a file.
 *
 *   menagerie zk [-server host:port,...] [-timeout ms] [-r] [-tls-ca FILE [-tls-cert FILE -tls-key FILE]] [command...]
 *   menagerie zk log FILE | snapshot FILE
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectOptions } from '@menagerie/zookeeper-client';
import { DEFAULT_MAX_BUFFER_BYTES } from '@menagerie/zookeeper-protocol';
import type { Command } from 'commander';
import { type CliContext, planInForce } from '../context.js';
import { ExitCode, UsageError } from '../errors.js';
import { inspectLog } from './inspect/inspect-log.js';
import { inspectSnapshot } from './inspect/inspect-snapshot.js';
import { interact } from './interact.js';
import { errorLine } from './print.js';
import { helpLines, runWords } from './shell.js';
import { ShellSession } from './shell-session.js';
import { wholeNumber } from './words.js';

const SESSION_TIMEOUT_MS = 30_000;

const USAGE = `Usage: menagerie zk [options] [command]

Without a command: a shell. With one: that command, and its exit code.

  menagerie zk log [-json] [-max-buffer BYTES] FILE            the transactions of a log file
  menagerie zk snapshot [-json] [-d] [-max-buffer BYTES] FILE  the nodes of a snapshot; -d with data

Options:
  -server HOST:PORT[,...][/CHROOT]   default: the ensemble that was started last
  -timeout MS                        of the session (default ${SESSION_TIMEOUT_MS})
  -r                                 content with a server that has lost its quorum
  -tls-ca FILE                       TLS; the authority to trust, PEM
  -tls-cert FILE -tls-key FILE       the client's own certificate, PEM
  -sasl USER                         DIGEST-MD5; the password stands in ZK_SASL_PASSWORD

Commands:`;

export function registerZk(program: Command, context: CliContext): void {
  program
    .command('zk')
    .summary("ZooKeeper's shell, one command of it, or a look into a log or snapshot file")
    .description('menagerie zk --help tells the options and commands')
    .argument('[words...]', 'options and a command of zkCli, or: log FILE, snapshot FILE')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => {
      if (words.includes('--help')) return [USAGE, ...helpLines()].forEach((line) => context.output.line(line));
      if (words[0] === 'log' || words[0] === 'snapshot') return inspect(words[0], words.slice(1), context);
      await connectAndRun(words, context);
    });
}

async function inspect(what: 'log' | 'snapshot', words: readonly string[], { output }: CliContext): Promise<void> {
  const { options, rest } = leadingOptions(words, { json: false, d: false, 'max-buffer': true });
  const [file] = rest;
  if (file === undefined || rest.length > 1) throw new UsageError(`expected one file, found ${rest.length}`);
  const maxBuffer = options.get('max-buffer');
  const common = {
    json: options.has('json'),
    maxBufferBytes: maxBuffer === undefined ? DEFAULT_MAX_BUFFER_BYTES : wholeNumber(maxBuffer, '-max-buffer'),
  };
  if (what === 'log') await inspectLog(file, common, output);
  else await inspectSnapshot(file, { ...common, withData: options.has('d') }, output);
}

async function connectAndRun(words: readonly string[], context: CliContext): Promise<void> {
  const known = {
    server: true,
    timeout: true,
    r: false,
    'tls-ca': true,
    'tls-cert': true,
    'tls-key': true,
    sasl: true,
  };
  const { options, rest } = leadingOptions(words, known);
  const connect = options.get('server') ?? planInForce(context).zkConnect;
  const session = new ShellSession(connectOptions(connect, options, context), context.output);
  try {
    await session.connect(connect);
    if (rest.length > 0) await runWords(session, rest);
    else await interact(session, context, join(planInForce(context).settings.dataRoot, 'zk-history'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    context.output.note(errorLine(error));
    context.exitCode = ExitCode.failure;
  } finally {
    await session.close();
  }
}

function connectOptions(
  connect: string,
  options: ReadonlyMap<string, string>,
  { environment, signal }: CliContext,
): ConnectOptions {
  const timeout = options.get('timeout');
  const [ca, cert, key] = ['tls-ca', 'tls-cert', 'tls-key'].map((name) => pem(options.get(name)));
  const username = options.get('sasl');
  const password = environment['ZK_SASL_PASSWORD'];
  if (username !== undefined && password === undefined) {
    throw new UsageError('-sasl: expected the password in ZK_SASL_PASSWORD, it is not set');
  }
  return {
    connect,
    signal,
    sessionTimeoutMs: timeout === undefined ? SESSION_TIMEOUT_MS : wholeNumber(timeout, 'a timeout in milliseconds'),
    canBeReadOnly: options.has('r'),
    ...(ca === undefined ? {} : { tls: { ca, ...(cert && { cert }), ...(key && { key }) } }),
    ...(username === undefined ? {} : { sasl: { mechanism: 'DIGEST-MD5' as const, username, password: password! } }),
  };
}

function pem(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: expected a PEM file, found ${(error as Error).message}`);
  }
}

/** Those in front of the command; what follows it is its own. */
function leadingOptions(words: readonly string[], known: Readonly<Record<string, boolean>>) {
  const options = new Map<string, string>();
  let at = 0;
  for (; at < words.length && words[at]!.startsWith('-'); at++) {
    const name = words[at]!.replace(/^--?/, '');
    if (!(name in known)) throw new UsageError(`expected an option of menagerie zk --help, found ${words[at]!}`);
    if (known[name] === true && words[at + 1] === undefined) throw new UsageError(`expected a value behind -${name}`);
    options.set(name, known[name] === true ? words[++at]! : '');
  }
  return { options, rest: words.slice(at) };
}
