/**
 * All partitions of all topics are dealt over all threads (RoundRobinAssignor of PartitionAssignor.scala, 0.8.2.2). They
 * come in the order of the hash of `[topic,partition]`, so that one topic is not dealt to neighbours only. It only works
 * when every member reads the same topics with the same number of streams.
 */
import { javaHash, type TopicPartition } from '@menagerie/kafka-core';

import { AssignmentError } from '../errors.js';
import { type Assignor, threadsOf } from './group-view.js';

export const assignRoundRobin: Assignor = (view) => {
  const subscriptions = new Set([...view.members.values()].map((topics) => JSON.stringify([...topics].sort())));
  if (subscriptions.size > 1) {
    throw new AssignmentError(`expected one subscription in all members, got ${[...subscriptions].join(' and ')}`);
  }
  const [first] = view.members.values();
  const counts = new Set(first?.values() ?? []);
  if (counts.size > 1) throw new AssignmentError(`expected as many streams of each topic, got ${[...counts].join()}`);
  const owned = new Map<string, TopicPartition[]>();
  const [topic] = view.partitions.keys();
  if (topic === undefined) return owned;
  const threads = threadsOf(view, topic);
  for (const thread of threads) owned.set(thread, []);
  const dealt = [...view.partitions]
    .flatMap(([name, partitions]) => partitions.map((partition) => ({ topic: name, partition })))
    .map((each) => ({ each, hash: javaHash(`[${each.topic},${each.partition}]`) }))
    .sort((a, b) => a.hash - b.hash);
  dealt.forEach(({ each }, index) => owned.get(threads[index % threads.length]!)!.push(each));
  return owned;
};
