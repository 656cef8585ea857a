/** Both sides of a task, looked at before it is taken: whatever has to be changed is said at once. */
import { ReplicatorError, type Task } from '@menagerie/replicator-core';
import { connectSource, connectTarget } from '../connect.js';
import { inspectSource } from '../source/inspect-source.js';
import { checkTarget } from '../target/prepare-tables.js';

/** @throws ReplicatorError `REPLICATOR_SOURCE_UNSUITABLE`, `REPLICATOR_TARGET_UNSUITABLE`, `REPLICATOR_*_UNAVAILABLE` */
export async function inspectTask({ source, target, tables }: Task): Promise<void> {
  if (source.host === target.host && source.port === target.port && source.database === target.database) {
    throw new ReplicatorError(
      'REPLICATOR_BAD_REQUEST',
      'expected two databases, got the same one as source and target',
    );
  }
  const from = await connectSource(source);
  try {
    const to = await connectTarget(target);
    try {
      await checkTarget(to, target, await inspectSource(from, source, tables));
    } finally {
      to.destroy();
    }
  } finally {
    from.destroy();
  }
}
