/** Many calls to ZooKeeper, a bounded number of them at once, results in the order of the items. */

/** Kafka's client has ten requests in flight; ours is pipelined as well, and more of them hide more of the latency. */
const IN_FLIGHT = 64;

export async function forEachBounded<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await act(items[index]!);
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, items.length) }, work));
  return results;
}
