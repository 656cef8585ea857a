/** Commands about the servers. Source: cli/GetConfigCommand.java, ReconfigCommand.java. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import type { ShellCommand } from '../shell-command.js';
import { wholeNumber } from '../words.js';

export const ensembleCommands: readonly ShellCommand[] = [
  {
    name: 'config',
    usage: '[-c] [-w]',
    options: { c: false, w: false, s: false },
    words: [0, 0],
    run: async (session, flags) => {
      const config = await session.zk.getConfig(flags.has('w') ? { watch: session.watcher } : {});
      const clients = config.members.flatMap(({ clientAddress }) => clientAddress ?? []);
      session.output.line(flags.has('c') ? `${config.version.toString(16)} ${clients.join(',')}` : config.text);
    },
  },
  {
    name: 'reconfig',
    usage:
      '[-v version] [[-file path] | [-members server.id=host:port1:port2;port3,...] | [-add ...] [-remove id,...]]',
    options: { s: false, v: true, file: true, members: true, add: true, remove: true },
    words: [0, 0],
    run: async (session, flags) => {
      const list = (name: string): string[] | undefined => flags.value(name)?.split(',');
      const file = flags.value('file');
      const fromFile = file === null ? undefined : serverLines(file);
      const members = fromFile ?? list('members');
      const [joining, leaving] = [list('add'), list('remove')];
      if (members !== undefined && (joining ?? leaving) !== undefined) {
        throw new UsageError('expected a whole list or changes, found both');
      }
      if ((members ?? joining ?? leaving) === undefined)
        throw new UsageError('expected -file, -members, -add or -remove');
      const version = flags.value('v');
      const config = await session.zk.reconfig({
        ...(members === undefined ? {} : { members }),
        ...(joining === undefined ? {} : { joining }),
        ...(leaving === undefined ? {} : { leaving: leaving.map((id) => wholeNumber(id, 'a server id')) }),
        ...(version === null ? {} : { ifVersion: BigInt(`0x${version}`) }),
      });
      session.output.line(`Committed new configuration:\n${config.text}`);
    },
  },
];

function serverLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('server.'));
  } catch (error) {
    throw new UsageError(`${file}: expected a file with server lines, found ${(error as Error).message}`);
  }
}
