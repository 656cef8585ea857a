/** What the Kafka brokers say of themselves: who is the controller, who leads how much, what is under-replicated. */
import { findGroup, KAFKA_BROKER, type Plan } from '@menagerie/topology';
import { z } from 'zod';

import type { KafkaBrokerStatus, KafkaStatus } from './model.js';

const ANSWER_MS = 3_000;

const brokerSchema = z.object({
  controllerEpoch: z.number().nullable(),
  partitions: z.number(),
  leaders: z.number(),
  underReplicated: z.number(),
});

export async function kafkaStatus(plan: Plan): Promise<KafkaStatus> {
  const { processes } = findGroup(plan, KAFKA_BROKER);
  const brokers = await Promise.all(
    processes.map(async ({ id, host, ports }): Promise<KafkaBrokerStatus> => {
      const address = `${host}:${ports['client']}`;
      try {
        const signal = AbortSignal.timeout(ANSWER_MS);
        const response = await fetch(`http://${host}:${ports['http']}/broker`, { signal });
        const { controllerEpoch, ...counts } = brokerSchema.parse(await response.json());
        return { id, address, ...counts, ...(controllerEpoch === null ? {} : { controllerEpoch }) };
      } catch (error) {
        return { id, address, problem: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
  return { brokers };
}

/** Partitions that lack a replica are no fault of anybody who is still there: they are named, with their leader. */
export function kafkaProblems({ brokers }: KafkaStatus): readonly string[] {
  const problems = brokers.flatMap(({ id, problem }) => (problem === undefined ? [] : [`${id}: ${problem}`]));
  const controllers = brokers.filter(({ controllerEpoch }) => controllerEpoch !== undefined).map(({ id }) => id);
  if (controllers.length === 0) problems.push('kafka: no controller');
  if (controllers.length > 1) problems.push(`kafka: ${controllers.length} controllers (${controllers.join(', ')})`);
  for (const { id, underReplicated = 0 } of brokers) {
    if (underReplicated > 0) problems.push(`${id}: leads ${underReplicated} under-replicated partitions`);
  }
  return problems;
}
