/** When all is mended: work goes on until everybody was served again, then it stops and all must come to the same state. */
import type { ReplicatedDatabase } from '@menagerie/ensemble';
import type { Observer } from './checkers/observer.js';
import { hexZxid } from './checkers/zxids.js';
import type { VirtualTime } from './engine/virtual-time.js';
import { Violation } from './engine/violation.js';
import type { SimulatedServer } from './server/simulated-server.js';
import type { Registers } from './workload/registers.js';
import type { WorkloadClient } from './workload/workload-client.js';

/** How long a mended cluster may take to agree, in virtual milliseconds. */
const RECOVERY_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** Calls each client must have answered after the mending. */
const CALLS_AFTER = 5;
/** The trees of all servers have this besides what clients made. */
const SYSTEM_PATH = /^\/zookeeper(\/|$)/;

export async function recover(
  time: VirtualTime,
  observer: Observer,
  servers: readonly SimulatedServer[],
  clients: readonly WorkloadClient[],
  operatorsSession: () => bigint,
): Promise<void> {
  const goals = clients.map((client) => client.answeredCalls + CALLS_AFTER);
  const deadlineMs = time.nowMs + RECOVERY_MS;
  const wait = async (what: () => string | null) => {
    for (let missing = what(); missing !== null; missing = what()) {
      if (time.nowMs >= deadlineMs) throw new Violation('liveness', `${RECOVERY_MS} ms after the mending: ${missing}`);
      await time.runUntil(time.nowMs + LOOK_EVERY_MS);
    }
  };
  await wait(() => {
    const hungry = clients.filter((client, i) => client.answeredCalls < goals[i]!);
    if (hungry.length === 0) return null;
    const states = servers.map((server) => `${server.id} ${server.describe()}`);
    return `no answers for ${hungry.map((client) => client.name).join(', ')}; servers: ${states.join(', ')}`;
  });
  for (const client of clients) client.stop();
  await wait(() => {
    const owned = new Set([...clients.map(({ sessionId }) => sessionId), operatorsSession()]);
    const forgotten = [...observer.sessions.alive.keys()].filter((session) => !owned.has(session));
    if (forgotten.length > 0) return `sessions that are nobody's live on: ${forgotten.map(String).join(', ')}`;
    const states = servers.map(({ database }) => {
      if (database === null) return 'down';
      // A follower with nothing to catch up on stays where it is until the epoch's first transaction.
      const zxid = observer.agreement.transactionAt(Number(database.lastProcessedZxid));
      return `${hexZxid(zxid)}/${database.treeDigest}`;
    });
    return new Set(states).size === 1 ? null : `the servers differ (zxid/digest): ${states.join(', ')}`;
  });
}

/** @returns how many keys the linearizability checker could not decide */
export function checkEnd(observer: Observer, servers: readonly SimulatedServer[], registers: Registers): number {
  for (const server of servers) compareTrees(observer, server);
  let undecided = 0;
  for (const [key, verdict] of registers.verdicts()) {
    if (verdict === 'violated')
      throw new Violation('each key is linearizable', `no order explains what was seen of ${key}`);
    if (verdict === 'undecided') undecided++;
  }
  return undecided;
}

/** Equal digests say that the servers agree with each other; this, that they agree with what was committed. */
function compareTrees(observer: Observer, { id, database }: SimulatedServer): void {
  const expected = new Map(observer.tree.paths());
  const tree = database === null ? null : treeOf(database);
  if (tree === null) throw new Violation('all trees hold what was committed', `server ${id} has none`);
  for (const [path, data] of tree) {
    if (path === '' || path === '/' || SYSTEM_PATH.test(path)) continue;
    const node = expected.get(path);
    if (node === undefined || node.data !== data) {
      throw new Violation(
        'all trees hold what was committed',
        `server ${id} has ${path} = ${data}, expected ${node?.data ?? 'nothing'}`,
      );
    }
    expected.delete(path);
  }
  for (const path of expected.keys()) {
    throw new Violation('all trees hold what was committed', `server ${id} has no ${path}`);
  }
}

/** Data by path. */
function treeOf({ tree }: ReplicatedDatabase): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, data } of tree.subtree(tree.root)) found.set(path, data ?? '');
  return found;
}
