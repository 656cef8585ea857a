/**
 * reconfig: new members, as a transaction on the node that shows them. The order of the checks is part of the protocol.
 * Source: PrepRequestProcessor.pRequest2Txn (reconfig).
 */
import { ErrorCode, OpCode, Perms, type ReconfigRequest } from '@menagerie/zookeeper-protocol';
import { formatQuorumConfig } from '../quorum/config-text.js';
import { MAX_SERVER_ID, participantsOf } from '../quorum/types.js';
import { CONFIG_NODE } from '../tree/paths.js';
import { nextMembers } from './next-members.js';
import type { Preparation, PreparationTools, Prepared } from './preparation.js';

/** The node's version says nothing: that of the configuration is in its text. */
const CONFIG_NODE_VERSION = -1;

export function prepareReconfig(tools: PreparationTools, by: Preparation, request: ReconfigRequest): Prepared {
  const { ensemble, changes, tree } = tools;
  if (!tools.reconfigEnabled) return ErrorCode.ReconfigDisabled;
  const session = tools.sessions.check(by.sessionId, by.from);
  if (session !== ErrorCode.Ok) return session;
  if (ensemble === null) return ErrorCode.Unimplemented;
  const { config, lastSeen } = ensemble;
  if (lastSeen.version !== config.version) return ErrorCode.ReconfigInProgress;
  if (request.curConfigId !== -1n && request.curConfigId !== lastSeen.version) return ErrorCode.BadVersion;
  const { standaloneEnabled } = tools;
  const next = nextMembers({ current: lastSeen, request, version: by.zxid, standaloneEnabled });
  if (typeof next === 'number') return next;
  if (participantsOf(next).length < (standaloneEnabled ? 2 : 1)) return ErrorCode.BadArguments;
  if (!ensemble.isQuorumSynced(next)) return ErrorCode.NewConfigNoQuorum;
  const node = changes.find(CONFIG_NODE);
  if (node === null) return ErrorCode.NoNode;
  if (!tools.allows(node, Perms.WRITE, by.authInfo)) return ErrorCode.NoAuth;
  // Apache takes any id, and two servers whose ids end in the same byte then make the same session ids.
  if (next.members.some(({ id }) => id > MAX_SERVER_ID)) return ErrorCode.BadArguments;
  const data = Buffer.from(formatQuorumConfig(next), 'utf8');
  const change = changes.change(node, by.zxid);
  tree.stats.setModified(change.stat, by.zxid, by.timeMs, CONFIG_NODE_VERSION, data.length);
  changes.settle(change);
  return { type: OpCode.reconfig, path: CONFIG_NODE, data, version: CONFIG_NODE_VERSION };
}
