/** What one member sees of its group and topics when it decides. Others may see something else at the same moment. */
import type { TopicPartition } from '@menagerie/kafka-core';

import { threadIdOf, type Subscription } from '../znodes/consumer-nodes.js';

export interface GroupView {
  readonly members: ReadonlyMap<string, Subscription>;
  /** The partitions of each topic that somebody subscribes to, ascending. */
  readonly partitions: ReadonlyMap<string, readonly number[]>;
}

/** Who owns what, by thread. A function of the view alone: members with one view come to one assignment. */
export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;
export type Assignor = (view: GroupView) => Assignment;

/** The threads that read a topic, in the order in which they are served. */
export const threadsOf = ({ members }: GroupView, topic: string): readonly string[] =>
  [...members]
    .flatMap(([id, subscription]) =>
      Array.from({ length: subscription.get(topic) ?? 0 }, (_, thread) => threadIdOf(id, thread)),
    )
    .sort();

/** The same text for the same view: by it an observer tells who acts on which. */
export const viewKey = ({ members, partitions }: GroupView): string =>
  JSON.stringify([
    [...members].map(([id, topics]) => [id, [...topics].sort()]).sort(),
    [...partitions].map(([topic, numbers]) => [topic, numbers]).sort(),
  ]);

/** What falls to one member, with the thread that is to read it. */
export function shareOf(
  assignment: Assignment,
  consumerId: string,
  threads: number,
): readonly (TopicPartition & { readonly threadId: string })[] {
  return Array.from({ length: threads }, (_, thread) => threadIdOf(consumerId, thread)).flatMap((threadId) =>
    (assignment.get(threadId) ?? []).map((each) => ({ ...each, threadId })),
  );
}
