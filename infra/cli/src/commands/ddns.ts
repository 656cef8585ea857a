/** `menagerie ddns`: who is behind a name. What a person may change about it needs the controller's token, over HTTP. */
import { DDNS } from '@menagerie/topology';
import { type Command } from 'commander';
import { type CliContext, planInForce } from '../context.js';
import { table } from '../output/table.js';
import { ServiceClient } from '../patterns/service-client.js';

interface Shown {
  readonly json?: boolean;
  readonly url?: string;
}

interface Resolution {
  readonly domain: string;
  readonly address: string;
  readonly isFresh: boolean;
  readonly targets: readonly { readonly address: string; readonly weight: number }[];
}

export function registerDdns(program: Command, context: CliContext): void {
  const ddns = program
    .command('ddns')
    .summary('domain names: who is behind one')
    .description('Asks the DDNS services. Exit code 2 for a name that nobody has registered.');
  const command = (name: string, summary: string) =>
    ddns
      .command(name)
      .summary(summary)
      .option('--json', 'print JSON')
      .option('--url <url>', 'a DDNS service other than the one that npm start runs');
  const service = ({ url }: Shown) => new ServiceClient(planInForce(context), DDNS, url);
  const show = <T>(options: Shown, value: T, render: (value: T) => readonly string[]) => {
    if (options.json === true) context.output.line(JSON.stringify(value, undefined, 2));
    else for (const line of render(value)) context.output.line(line);
  };
  command('resolve', 'addresses behind a name')
    .argument('<name>')
    .action(async (name: string, options: Shown) =>
      show(
        options,
        await service(options).ask<Resolution>('GET', `/resolve/${encodeURIComponent(name)}`),
        ({ targets, isFresh }) => [
          ...table(
            [{ title: 'ADDRESS' }, { title: 'WEIGHT', align: 'right' }],
            targets.map(({ address, weight }) => [address, String(weight)]),
          ),
          ...(isFresh ? [] : ['as known last: no ensemble stands behind it at the moment']),
        ],
      ),
    );
}
