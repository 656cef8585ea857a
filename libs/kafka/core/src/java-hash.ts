/** Java's `String.hashCode`, by which Kafka finds a group's or a transactional id's partition. */
export function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** `Utils.abs(hash) % partitions`; the one number whose absolute value does not fit is 0 there. */
export const partitionForKey = (key: string, partitions: number): number => (javaHash(key) & 0x7fffffff) % partitions;
