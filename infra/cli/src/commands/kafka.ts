/** `menagerie kafka`: topics, groups, reassignments and rules, through the wire protocol like any client. */
import { type Command } from 'commander';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { findGroup, KAFKA_BROKER } from '@menagerie/topology';

import { type CliContext, planInForce } from '../context.js';
import { CliError, UsageError } from '../errors.js';
import { table } from '../output/table.js';
import { registerKafkaAcls, registerKafkaUsers } from './kafka-security.js';

interface Shown {
  readonly json?: boolean;
}

export function registerKafka(program: Command, context: CliContext): void {
  const kafka = program
    .command('kafka')
    .summary('look at topics and groups, make and move topics, users and access rules')
    .description('Shows and changes what the Kafka brokers hold. Exit code 1 when they do not answer.');
  kafka
    .command('topics')
    .summary('list the topics with their leaders and ISRs')
    .option('--json', 'print JSON')
    .action((options: Shown) =>
      ask(context, async (admin) => {
        const { topics } = await admin.fetchTopicMetadata();
        const rows = topics
          .flatMap(({ name, partitions }) => partitions.map((each) => ({ topic: name, ...each })))
          .sort((a, b) => a.topic.localeCompare(b.topic) || a.partitionId - b.partitionId);
        const columns = ['TOPIC', 'PARTITION', 'LEADER', 'REPLICAS', 'ISR'].map((title) => ({ title }));
        show(context, options, rows, () =>
          table(
            columns,
            rows.map((each) => [
              each.topic,
              String(each.partitionId),
              each.leader < 0 ? 'none' : String(each.leader),
              each.replicas.join(','),
              each.isr.join(','),
            ]),
          ),
        );
      }),
    );
  kafka
    .command('create')
    .summary('make a topic')
    .argument('<topic>')
    .option('--partitions <n>', 'how many', '3')
    .option('--replicas <n>', 'of each', '3')
    .action((topic: string, options: { readonly partitions: string; readonly replicas: string }) =>
      ask(context, async (admin) => {
        const [numPartitions, replicationFactor] = [whole(options.partitions), whole(options.replicas)];
        const made = await admin.createTopics({
          topics: [{ topic, numPartitions, replicationFactor }],
          waitForLeaders: true,
        });
        context.output.line(made ? `${topic} is made` : `${topic} is there already`);
      }),
    );
  kafka
    .command('delete')
    .summary('delete a topic')
    .argument('<topic>')
    .action((topic: string) =>
      ask(context, async (admin) => {
        await admin.deleteTopics({ topics: [topic] });
        context.output.line(`${topic} is deleted`);
      }),
    );
  kafka
    .command('groups')
    .summary('list the consumer groups')
    .option('--json', 'print JSON')
    .action((options: Shown) =>
      ask(context, async (admin) => {
        const { groups } = await admin.listGroups();
        const described =
          groups.length === 0 ? [] : (await admin.describeGroups(groups.map((each) => each.groupId))).groups;
        const columns = ['GROUP', 'STATE', 'PROTOCOL', 'MEMBERS'].map((title) => ({ title }));
        const rows = described.map((each) => [
          each.groupId,
          each.state,
          each.protocol || '-',
          String(each.members.length),
        ]);
        show(context, options, described, () => table(columns, rows));
      }),
    );
  kafka
    .command('reassign')
    .summary('move a partition to other brokers')
    .argument('<topic>')
    .argument('<partition>')
    .argument('<brokers>', 'ids, the preferred leader first: 3,1')
    .action((topic: string, partition: string, brokers: string) =>
      ask(context, async (admin) => {
        const replicas = brokers.split(',').map(whole);
        await admin.alterPartitionReassignments({
          topics: [{ topic, partitionAssignment: [{ partition: whole(partition), replicas }] }],
        });
        context.output.line(`${topic}-${partition} moves to ${replicas.join(', ')}`);
      }),
    );
  registerKafkaUsers(kafka, context);
  registerKafkaAcls(kafka, context, (question) => ask(context, question));
}

/** @throws CliError what Kafka answered, in one line */
async function ask(context: CliContext, question: (admin: Admin) => Promise<void>): Promise<void> {
  const { processes } = findGroup(planInForce(context), KAFKA_BROKER);
  const brokers = processes.map(({ host, ports }) => `${host}:${ports['client']}`);
  const admin = new Kafka({ clientId: 'menagerie', brokers, logLevel: logLevel.NOTHING }).admin();
  try {
    await admin.connect();
    await question(admin);
  } catch (error) {
    // Its classes are spread into the package's exports, where a module cannot name them.
    if (error instanceof Error && error.name.startsWith('KafkaJS')) throw new CliError('CLI_KAFKA', error.message);
    throw error;
  } finally {
    await admin.disconnect();
  }
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`expected a whole number, got ${JSON.stringify(text)}`);
}

function show(context: CliContext, options: Shown, value: unknown, render: () => readonly string[]): void {
  if (options.json === true) context.output.line(JSON.stringify(value, undefined, 2));
  else for (const line of render()) context.output.line(line);
}
