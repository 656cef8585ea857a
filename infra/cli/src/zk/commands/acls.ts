/** Commands about permissions and identities. Source: cli/GetAclCommand.java, SetAclCommand.java, AddAuthCommand.java. */
import { aclLines, parseAcl, statLines } from '../print.js';
import type { ShellCommand } from '../shell-command.js';
import { wholeNumber } from '../words.js';

export const aclCommands: readonly ShellCommand[] = [
  {
    name: 'getAcl',
    usage: '[-s] path',
    options: { s: false },
    words: [1, 1],
    run: async (session, flags) => {
      const { acl, stat } = await session.zk.getAcl(flags.rest[0]!);
      for (const line of [...aclLines(acl), ...(flags.has('s') ? statLines(stat) : [])]) session.output.line(line);
    },
  },
  {
    name: 'setAcl',
    usage: '[-s] [-v version] [-R] path acl',
    options: { s: false, v: true, R: false },
    words: [2, 2],
    run: async (session, flags) => {
      const [path, text] = flags.rest as [string, string];
      const acl = parseAcl(text);
      const aclVersion = wholeNumber(flags.value('v') ?? '-1', 'a version');
      const paths = [path];
      for (let at = 0; flags.has('R') && at < paths.length; at++) {
        const parent = paths[at]!;
        const { children } = await session.zk.getChildren(parent);
        for (const child of children) paths.push(parent === '/' ? `/${child}` : `${parent}/${child}`);
      }
      for (const each of paths) {
        const stat = await session.zk.setAcl(each, acl, { aclVersion });
        if (flags.has('s')) for (const line of statLines(stat)) session.output.line(line);
      }
    },
  },
  {
    name: 'addauth',
    usage: 'scheme auth',
    options: {},
    words: [1, 2],
    run: (session, flags) => session.addAuth(flags.rest[0]!, flags.rest[1] ?? ''),
  },
  {
    name: 'whoami',
    usage: '',
    options: {},
    words: [0, 0],
    run: async (session) => {
      session.output.line('Auth scheme: User');
      for (const { scheme, user } of await session.zk.whoAmI()) session.output.line(`${scheme}: ${user}`);
    },
  },
];
