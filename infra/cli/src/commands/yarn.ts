/** `menagerie yarn`: submit a job, look at jobs and nodes, kill a job. */
import { type Command, InvalidArgumentError } from 'commander';

import { isOver, type YarnClient } from '@menagerie/yarn-client';
import { type ApplicationReport, parseApplicationId, YarnError } from '@menagerie/yarn-protocol';

import { type CliContext, planInForce } from '../context.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import { seconds } from '../options.js';
import { yarnClient } from '../status/yarn-status.js';
import { renderApplication, renderApplications, renderNodes } from '../yarn/render.js';
import { submitWordCount, type WordCountOptions } from '../yarn/word-count.js';

/** Answers of YARN that say that the question was wrong. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'YARN_INVALID_REQUEST',
  'YARN_INVALID_RESOURCE_REQUEST',
  'YARN_APPLICATION_NOT_FOUND',
  'YARN_TOO_LARGE',
]);
/** How long a question may look for an active ResourceManager. */
const DEADLINE_MS = 30_000;
const DEFAULT_WAIT_S = 600;

interface Shown {
  readonly json?: boolean;
}

interface SubmitOptions extends WordCountOptions, Shown {
  readonly wait?: boolean;
  readonly timeout: number;
}

export function registerYarn(program: Command, context: CliContext): void {
  const yarn = program
    .command('yarn')
    .summary('submit jobs to YARN and look at them')
    .description(
      'Submits jobs to YARN, shows them and its nodes, and kills them.\n' +
        'Exit code 1 when YARN does not answer or a job that was waited for did not succeed, 2 for a mistake in the question.',
    );
  registerSubmit(yarn, context);
  yarn
    .command('apps')
    .summary('list the applications')
    .option('--json', 'print JSON')
    .action((options: Shown) =>
      ask(context, async (client) => {
        const reports = await client.applications({ signal: context.signal, deadlineMs: DEADLINE_MS });
        show(context, options, reports, () => renderApplications(reports));
      }),
    );
  yarn
    .command('app')
    .summary('show one application')
    .argument('<id>', 'application_<timestamp>_<number>')
    .option('--json', 'print JSON')
    .action((id: string, options: Shown) =>
      ask(context, async (client) => {
        parseApplicationId(id);
        const report = await client.application(id, { signal: context.signal, deadlineMs: DEADLINE_MS });
        show(context, options, report, () => renderApplication(report));
      }),
    );
  yarn
    .command('nodes')
    .summary('list the nodes')
    .option('--json', 'print JSON')
    .action((options: Shown) =>
      ask(context, async (client) => {
        const nodes = await client.nodes({ signal: context.signal, deadlineMs: DEADLINE_MS });
        show(context, options, nodes, () => renderNodes(nodes));
      }),
    );
  yarn
    .command('kill')
    .summary('kill an application')
    .argument('<id>', 'application_<timestamp>_<number>')
    .action((id: string) =>
      ask(context, async (client) => {
        parseApplicationId(id);
        const options = { signal: context.signal, deadlineMs: DEADLINE_MS };
        await client.kill(id, 'killed on the command line', options);
        const report = await client.waitFor(id, { ...options, timeoutMs: DEADLINE_MS });
        context.output.line(`${id} is ${report.state}`);
      }),
    );
}

function registerSubmit(yarn: Command, context: CliContext): void {
  yarn
    .command('submit')
    .summary('submit a job')
    .argument('<job>', 'wordcount')
    .requiredOption('--input <dir>', 'folder of text files')
    .option('--output <dir>', 'where the counts go (default: below the data directory)')
    .option('--queue <name>', 'queue to submit to', 'default')
    .option('--reducers <n>', 'reduce tasks, and so files of the result', whole(1, 1_000))
    .option('--split-bytes <n>', 'text of one map task', whole(1_024, 1_073_741_824))
    .option('--split-delay-ms <ms>', 'throttle: a map task takes at least so long', whole(0, 3_600_000))
    .option('--map-memory <mb>', 'memory of a map container', whole(1, 0x7fffffff))
    .option('--reduce-memory <mb>', 'memory of a reduce container', whole(1, 0x7fffffff))
    .option('--master-memory <mb>', "memory of the master's container", whole(1, 0x7fffffff))
    .option('--wait', 'wait for its end')
    .option('--timeout <seconds>', 'how long to wait', seconds, DEFAULT_WAIT_S)
    .option('--json', 'print JSON')
    .action((job: string, options: SubmitOptions) =>
      ask(context, async (client) => {
        if (job !== 'wordcount') throw new UsageError(`expected a job (wordcount), got "${job}"`);
        const { dataRoot } = planInForce(context).settings;
        const place = { root: context.root, dataRoot, signal: context.signal };
        const submitted = await submitWordCount(client, options, place);
        context.output.note(`${submitted.applicationId} submitted; the counts will be in ${submitted.output}`);
        const report =
          options.wait === true ? await waitFor(client, context, submitted.report, options) : submitted.report;
        show(context, options, { ...report, output: submitted.output }, () => [
          ...renderApplication(report),
          `output${' '.repeat(7)}${submitted.output}`,
        ]);
        if (options.wait === true && report.finalStatus !== 'SUCCEEDED') context.exitCode = ExitCode.failure;
      }),
    );
}

/** Says how far it is whenever that has changed. */
async function waitFor(
  client: YarnClient,
  context: CliContext,
  submitted: ApplicationReport,
  options: SubmitOptions,
): Promise<ApplicationReport> {
  let said = '';
  return client.waitFor(submitted.id, {
    timeoutMs: options.timeout * 1_000,
    signal: context.signal,
    onReport: (report) => {
      const { mapsDone, mapsTotal, reducesDone, reducesTotal } = report.counters;
      const counted = `maps ${mapsDone} of ${mapsTotal}, reduces ${reducesDone} of ${reducesTotal}`;
      const line = `${report.state}${mapsTotal === undefined || isOver(report) ? '' : `: ${counted}`}`;
      if (line !== said) context.output.note(line);
      said = line;
    },
  });
}

/** @throws CliError what YARN answered, in one line and with the exit code that goes with it */
async function ask(context: CliContext, question: (client: YarnClient) => Promise<void>): Promise<void> {
  try {
    await question(yarnClient(planInForce(context)));
  } catch (error) {
    if (!(error instanceof YarnError)) throw error;
    if (USAGE_CODES.has(error.code)) throw new UsageError(error.message);
    throw new CliError(error.code, error.message);
  }
}

function show(context: CliContext, options: Shown, value: unknown, render: () => readonly string[]): void {
  if (options.json === true) context.output.line(JSON.stringify(value, undefined, 2));
  else for (const line of render()) context.output.line(line);
}

/** @param min and max are both allowed */
function whole(min: number, max: number): (value: string) => number {
  return (value) => {
    const parsed = Number(value);
    if (/^\d+$/.test(value) && parsed >= min && parsed <= max) return parsed;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
  };
}
