/** One line after another, each a command; what goes wrong is one line and the next may be typed. */
import { UsageError } from '../errors.js';
import { aclCommands } from './commands/acls.js';
import { ensembleCommands } from './commands/ensemble.js';
import { nodeCommands } from './commands/nodes.js';
import { quotaCommands } from './commands/quotas.js';
import { watchCommands } from './commands/watches.js';
import type { ShellCommand } from './shell-command.js';
import type { ShellSession } from './shell-session.js';
import { parseFlags, splitLine, wholeNumber } from './words.js';

const shellCommands: readonly ShellCommand[] = [
  {
    name: 'connect',
    usage: 'host:port',
    options: {},
    words: [0, 1],
    run: (session, flags) => session.connect(flags.rest[0] ?? session.connectString),
  },
  { name: 'close', usage: '', options: {}, words: [0, 0], run: (session) => session.close() },
  {
    name: 'history',
    usage: '',
    options: {},
    words: [0, 0],
    run: (session) => {
      const first = Math.max(0, session.history.length - 11);
      for (let at = first; at < session.history.length; at++) session.output.line(`${at} - ${session.history[at]!}`);
    },
  },
  {
    name: 'redo',
    usage: 'cmdno',
    options: {},
    words: [1, 1],
    run: async (session, flags) => {
      const number = wholeNumber(flags.rest[0]!, 'the number of a command');
      const line = session.history[number];
      if (line === undefined || splitLine(line)[0] === 'redo') throw new UsageError('Command index out of range');
      await runLine(session, line);
    },
  },
  {
    name: 'quit',
    usage: '',
    options: {},
    words: [0, 0],
    run: (session) => {
      session.isOver = true;
    },
  },
  {
    name: 'help',
    usage: '',
    options: {},
    words: [0, 0],
    run: (session) => helpLines().forEach((line) => session.output.line(line)),
  },
];

const commands = new Map(
  [...nodeCommands, ...aclCommands, ...quotaCommands, ...watchCommands, ...ensembleCommands, ...shellCommands]
    .sort((one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1))
    .map((command) => [command.name, command] as const),
);

export const commandNames: readonly string[] = [...commands.keys()];

export const helpLines = (): string[] =>
  [...commands.values()].map(({ name, usage }) => `\t${name} ${usage}`.trimEnd());

/** @throws UsageError, and what the client throws */
export async function runWords(session: ShellSession, [name, ...words]: readonly string[]): Promise<void> {
  const command = commands.get(name ?? '');
  if (command === undefined) throw new UsageError(`Command not found: ${name ?? ''} (help tells the commands)`);
  const flags = parseFlags(words, command.options);
  const [least, most] = command.words;
  if (flags.rest.length < least || flags.rest.length > most) throw new UsageError(`${name} ${command.usage}`.trimEnd());
  await command.run(session, flags);
}

/** @throws as `runWords` */
export async function runLine(session: ShellSession, line: string): Promise<void> {
  const words = splitLine(line);
  if (words.length === 0) return;
  session.history.push(line.trim());
  await runWords(session, words);
}

/**
 * For readline: names of commands at the beginning of a line, of nodes behind one.
 *
 * @returns what the line may go on as, and the part of it that is meant
 */
export async function complete(session: ShellSession, line: string): Promise<[candidates: string[], part: string]> {
  const part = /\S*$/.exec(line)![0];
  if (part === line) {
    // With the blank that follows it, as JLine completes.
    return [commandNames.filter((name) => name.startsWith(part)).map((name) => `${name} `), part];
  }
  if (!part.startsWith('/') || !session.isConnected) return [[], part];
  const parent = part.slice(0, part.lastIndexOf('/')) || '/';
  const names = await session.zk.getChildren(parent).then(
    ({ children }) => children,
    () => [],
  );
  const paths = names.map((name) => (parent === '/' ? `/${name}` : `${parent}/${name}`));
  return [paths.filter((path) => path.startsWith(part)).sort(), part];
}
