/** Removes what no recovery needs, as Apache's PurgeTxnLog does beside a running server. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** One more than the servers are told to keep, since a fault may have damaged one of them. */
const KEPT_SNAPSHOTS = 4;

export function purge(folder: string): void {
  const files = (kind: string) =>
    readdirSync(folder)
      .map((name) => ({ name, zxid: new RegExp(`^${kind}\\.([0-9a-f]+)$`).exec(name)?.[1] }))
      .filter((file): file is { name: string; zxid: string } => file.zxid !== undefined)
      .map(({ name, zxid }) => ({ name, zxid: BigInt(`0x${zxid}`) }))
      .sort((one, other) => (one.zxid < other.zxid ? 1 : -1));
  const snapshots = files('snapshot');
  const oldestKept = snapshots[KEPT_SNAPSHOTS - 1];
  if (oldestKept === undefined) return;
  const logs = files('log');
  const firstNeeded = logs.find(({ zxid }) => zxid <= oldestKept.zxid);
  for (const { name } of [
    ...snapshots.slice(KEPT_SNAPSHOTS),
    ...logs.filter(({ zxid }) => firstNeeded !== undefined && zxid < firstNeeded.zxid),
  ]) {
    rmSync(join(folder, name), { force: true });
  }
}
