/** Where the consumers of before 0.9 keep what, all of it below `/consumers/G` (ZkUtils.scala, 0.8.2.2). */
export const idsPath = (group: string): string => `/consumers/${group}/ids`;
export const idPath = (group: string, consumerId: string): string => `${idsPath(group)}/${consumerId}`;
export const ownersPath = (group: string, topic: string): string => `/consumers/${group}/owners/${topic}`;
export const ownerPath = (group: string, topic: string, partition: number): string =>
  `${ownersPath(group, topic)}/${partition}`;
export const offsetsPath = (group: string, topic: string): string => `/consumers/${group}/offsets/${topic}`;
export const offsetPath = (group: string, topic: string, partition: number): string =>
  `${offsetsPath(group, topic)}/${partition}`;
