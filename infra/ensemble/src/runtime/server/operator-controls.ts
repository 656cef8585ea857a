/** What the AdminServer's commands for operators do to a server. */
import { maxFieldBytes } from '@menagerie/zookeeper-protocol';
import type { Env, PeerInput } from '../../core/contract/index.js';
import { createDatabase } from '../../core/database/index.js';
import type { Summary } from '../../core/meters/index.js';
import type { ClientRequestServer } from '../../core/server/index.js';
import type { OperatorControls } from '../admin/server-view.js';
import type { ServerConfig } from '../config/index.js';
import { OperatorRequestError } from '../errors.js';
import { readSnapshot } from '../storage/read-snapshot.js';
import type { Storage } from '../storage/storage.js';

export interface OperatorControlsOptions {
  readonly config: ServerConfig;
  readonly env: Env;
  readonly requests: ClientRequestServer;
  /** Null before recovery. */
  readonly storage: () => Storage | null;
  /** Whether it serves: an empty or half-made state is not to be replaced. */
  readonly isServing: () => boolean;
  /** As the server's own inputs, which a fault of ours must not leave half done. */
  readonly enter: (work: () => void) => void;
  readonly deliver: (input: PeerInput) => void;
  readonly restoreTime: () => Summary;
}

export function operatorControls(options: OperatorControlsOptions): OperatorControls {
  const { requests, storage, enter } = options;
  return {
    takeSnapshot: () => storage()?.takeSnapshot() ?? Promise.resolve(null),
    restore: (body) => restore(options, body),
    shed: (share) => {
      let shed = 0;
      enter(() => (shed = requests.administration.shed(share)));
      return shed;
    },
  };
}

/** The new state is read beside the old one, which goes on serving until it is known to be right. */
async function restore(options: OperatorControlsOptions, body: AsyncIterable<Buffer>): Promise<bigint> {
  const { config, env, requests, isServing, deliver, restoreTime } = options;
  const beganMs = env.monotonicMs();
  const state = await readSnapshot(body, () => createDatabase({ extendedTypes: config.extendedTypesEnabled }), {
    maxFieldBytes: maxFieldBytes(config.clientPort.maxBufferBytes),
  });
  if (!isServing()) {
    throw new OperatorRequestError('expected to serve when the snapshot had come, this server does not any more');
  }
  env.log.warn('an operator restores a snapshot', { zxid: state.lastProcessedZxid, nodes: state.tree.nodeCount });
  deliver({ kind: 'restore', state });
  restoreTime().add(env.monotonicMs() - beganMs);
  return requests.stats().counters().lastProcessedZxid;
}
