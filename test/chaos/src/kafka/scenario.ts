/**
 * Kill points: a broker, the controller, a server of the ensemble or a consumer dies at a random moment under acks=all, and
 * comes back at another. After each, the log holds every acknowledged number once and in order, a group of consumers was
 * given each at least once, and a copy made in transactions has each exactly once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@menagerie/zookeeper-testing';

import type { Scenario, SoakRun } from '../soak/scenario.js';
import { Audit } from './audit.js';
import { Cluster, COPIES, NUMBERS, PARTITIONS, SESSION_MS } from './cluster.js';
import { Load } from './load.js';
import { Member } from './members.js';
import { faultOfDelivery, faultOfLog } from './verdict.js';

const KINDS = ['broker', 'broker', 'controller', 'server', 'consumer', 'copier'] as const;
/** From a blink that no session notices to one that all do. */
const LONGEST_AWAY_MS = 1.25 * SESSION_MS;
const LONGEST_CALM_MS = 500;
const SETTLED_WITHIN_MS = 120_000;

export const kafkaScenario: Scenario = {
  summary: 'brokers, controller, servers, consumers killed under acks=all: each message once, in order, and delivered',
  parts: [...new Set(KINDS)],
  run: async (run) => {
    const cluster = await Cluster.start(run.engine);
    const { kafka, client } = cluster;
    const readers = ['reader-1', 'reader-2'].map((name) => new Member(name, kafka.bootstrap, 'deliver'));
    const copier = new Member('copier', kafka.bootstrap, 'copy');
    const open: { close(): Promise<void> }[] = [...readers, copier];
    try {
      for (const { id, process } of kafka.brokers) {
        run.watch({ name: `broker ${id}`, pid: () => process.pid ?? undefined });
      }
      const load = await Load.connect(client);
      open.unshift(load);
      const log = new Audit(kafka.bootstrap, NUMBERS);
      const copies = new Audit(kafka.bootstrap, COPIES);
      open.unshift(log, copies);
      const all = { cluster, load, log, copies, readers, copier };
      while (run.another()) await point(run, all);
    } finally {
      await Promise.allSettled(open.map((each) => each.close()));
      await cluster.close();
    }
  },
};

interface Parts {
  readonly cluster: Cluster;
  readonly load: Load;
  readonly log: Audit;
  readonly copies: Audit;
  readonly readers: readonly Member[];
  readonly copier: Member;
}

async function point(run: SoakRun, parts: Parts): Promise<void> {
  const { cluster, load } = parts;
  const before = load.total;
  load.resume();
  await load.progress(SETTLED_WITHIN_MS);
  await sleep(run.chance.below(LONGEST_CALM_MS));
  await killSomebody(run, parts);
  await load.progress(SETTLED_WITHIN_MS);
  await load.pause();
  await cluster.whole();
  await judge(run, parts);
  run.count('messages', load.total - before);
}

async function killSomebody(run: SoakRun, { cluster, readers, copier }: Parts): Promise<void> {
  const { kafka, ensemble } = cluster;
  const kinds = KINDS.filter((kind) => run.only.length === 0 || run.only.includes(kind));
  const kind = run.chance.pick(kinds);
  const awayMs = run.chance.below(LONGEST_AWAY_MS);
  if (kind === 'consumer' || kind === 'copier') {
    const victim = kind === 'copier' ? copier : run.chance.pick(readers);
    run.fault(`kill ${kind}`, victim.name);
    return victim.kill();
  }
  if (kind === 'server') {
    const { id } = run.chance.pick(ensemble.servers);
    run.fault('kill server', `zk${id} for ${awayMs} ms`);
    await ensemble.kill(id);
    await sleep(awayMs);
    return ensemble.start(id);
  }
  const drawn = run.chance.pick(kafka.brokers).id;
  const id = kind === 'controller' ? ((await kafka.controller())?.id ?? drawn) : drawn;
  run.fault(`kill ${kind}`, `${id} for ${awayMs} ms`);
  const { process } = kafka.broker(id);
  await process.end('SIGKILL');
  await sleep(awayMs);
  await process.start();
}

/** Nothing is under way any more: what was acknowledged is there, was delivered, and was copied, or something is broken. */
async function judge(run: SoakRun, { cluster, load, log, copies, readers, copier }: Parts): Promise<void> {
  const given = PARTITIONS.map(() => new Set<number>());
  const gather = () =>
    readers.forEach(({ delivered }) =>
      delivered.forEach((some, index) => some.forEach((each) => given[index]!.add(each))),
    );
  const wait = { timeoutMs: SETTLED_WITHIN_MS };
  // Who waits in vain is told by the verdicts what is missing.
  await Promise.allSettled([
    waitFor(() => log.total >= load.total, { ...wait, what: 'the whole log' }),
    waitFor(() => copies.total >= load.total, { ...wait, what: 'all copies' }),
    waitFor(() => (gather(), given.reduce((sum, { size }) => sum + size, 0) >= load.total), {
      ...wait,
      what: 'everything delivered',
    }),
  ]);
  gather();
  for (const [partition, acknowledged] of load.acknowledged.entries()) {
    const faultOf = (audit: Audit) =>
      faultOfLog(acknowledged, audit.numbers[partition]!, (number) => audit.placesOf(partition, number));
    const faults = {
      'each acknowledged message is in the log once, in order': faultOf(log),
      'each message is delivered to the group': faultOfDelivery(acknowledged, given[partition]!),
      'each message is copied exactly once': faultOf(copies),
    };
    for (const [rule, fault] of Object.entries(faults)) {
      if (fault !== null) run.violation(rule, `partition ${partition}: ${fault}`);
    }
  }
  if (given.some((some, partition) => some.size < load.acknowledged[partition]!.length)) {
    run.note(await cluster.stateOf('deliver'));
  }
  for (const change of [...log.changed, ...copies.changed]) run.violation('what is committed does not change', change);
  run.note(`${load.total} acknowledged; clients gave up: copier ${copier.gaveUp}, readers ${readers[0]!.gaveUp}`);
}
