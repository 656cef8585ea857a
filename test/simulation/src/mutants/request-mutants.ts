/** Bugs in sessions, requests, the tree and its watches. */
import type { Mutant } from './mutant.js';

const CORE = 'infra/ensemble/src/core';

export const requestMutants: readonly Mutant[] = [
  {
    name: 'follower-expires-session',
    what: 'a follower ends the session of a connection that is silent',
    edits: [
      {
        file: `${CORE}/server/request-server.ts`,
        find: "core.close(silent, 'connection timed out');",
        replace:
          "{\n      if (core.role !== null && core.role.authority === null) {\n        core.role.replication.forward({ sessionId: silent.sessionId, cxid: 0, type: OpCode.closeSession, body: Buffer.alloc(0), authInfo: [] });\n      }\n      core.close(silent, 'connection timed out');\n    }",
      },
      {
        // Silence is looked for in steps so long that the leader is always first: in steps of a tick they race.
        file: `${CORE}/server/connections.ts`,
        find: 'new ExpiryBuckets(sessionlessTimeoutMs, tickTimeMs)',
        replace: 'new ExpiryBuckets(tickTimeMs, tickTimeMs)',
      },
    ],
  },
  {
    name: 'no-grace-after-election',
    what: 'a new leader does not give sessions their full timeout',
    edits: [
      {
        file: `${CORE}/session/session-tracker.ts`,
        find: 'for (const [id, timeoutMs] of known) this.track(id, timeoutMs, nowMs);',
        replace: 'for (const [id, timeoutMs] of known) this.track(id, timeoutMs / 4, nowMs);',
      },
    ],
  },
  {
    name: 'touches-lost',
    what: 'the leader does not hear of sessions that speak to a follower',
    edits: [
      {
        file: `${CORE}/server/request-server.ts`,
        find: 'if (role?.authority) role.authority.sessions.touch(sessionId, timeoutMs, nowMs);',
        replace: 'if (role?.authority) void nowMs;',
      },
    ],
  },
  {
    name: 'session-never-expires',
    what: 'what nobody hears of any more is not ended',
    edits: [
      {
        file: `${CORE}/server/authority.ts`,
        find: 'const expired = this.sessions.takeExpired(nowMs);',
        replace: 'const expired = this.sessions.takeExpired(nowMs).slice(0, 0);',
      },
    ],
  },
  {
    name: 'lost-ephemeral',
    what: 'closeSession forgets one of the nodes of its session',
    edits: [
      {
        file: `${CORE}/prep/prepare-change.ts`,
        find: 'const paths = [...tools.changes.ephemeralsOf(by.sessionId)];',
        replace: 'const paths = [...tools.changes.ephemeralsOf(by.sessionId)].slice(1);',
      },
      {
        file: `${CORE}/database/apply-txn.ts`,
        find: '  for (const node of [...tree.owners.ephemeralsOf(header.clientId)]) tree.delete(node.path, header.zxid);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'ephemeral-in-flight-forgotten',
    what: 'closeSession does not know of a node whose creation is on its way',
    edits: [
      {
        file: `${CORE}/prep/prepare-change.ts`,
        find: 'const paths = [...tools.changes.ephemeralsOf(by.sessionId)];',
        replace:
          'const paths = Array.from(tools.tree.owners.ephemeralsOf(by.sessionId), ({ path }) => path).filter((path) => tools.changes.find(path) !== null);',
      },
    ],
  },
  {
    name: 'sequence-reused',
    what: 'sequence numbers do not look at creations on their way',
    edits: [
      {
        file: `${CORE}/prep/prepare-create.ts`,
        find: 'const created = tree.stats.cversion(parent.stat);',
        replace: 'const created = tree.stats.cversion((tree.get(parentPathOf(wish.path)) ?? parent).stat);',
      },
    ],
  },
  {
    name: 'failed-multi-leaves-changes',
    what: 'a refused multi leaves its first operations pending (ZOOKEEPER-1624)',
    edits: [
      {
        file: `${CORE}/prep/prepare-multi.ts`,
        find: '      tools.changes.rollBack();\n',
        replace: '',
      },
    ],
  },
  {
    name: 'session-move-unchecked',
    what: 'requests from a server that a session has left are still taken (ZOOKEEPER-710)',
    edits: [
      {
        file: `${CORE}/session/session-tracker.ts`,
        find: 'return session.owner === server ? ErrorCode.Ok : ErrorCode.SessionMoved;',
        replace: 'return ErrorCode.Ok;',
      },
    ],
    withinSeeds: 500,
  },
  {
    name: 'closing-session-acts',
    what: 'a session whose end is on its way may still write',
    edits: [
      {
        file: `${CORE}/session/session-tracker.ts`,
        find: 'if (session === undefined || session.closing) return ErrorCode.SessionExpired;',
        replace: 'if (session === undefined) return ErrorCode.SessionExpired;',
      },
    ],
  },
  {
    name: 'read-overtakes-write',
    what: "a read does not wait for its session's own write",
    edits: [
      {
        file: `${CORE}/server/client-requests.ts`,
        find: 'if (isLocal && connection.waiting.length === 0) {',
        replace: 'if (isLocal) {',
      },
    ],
  },
  {
    name: 'version-unchecked',
    what: 'a conditional write does not look at the version',
    edits: [
      {
        file: `${CORE}/prep/prepare-change.ts`,
        find: '  const current = stats.version(node.stat);\n  if (!matches(version, current)) return ErrorCode.BadVersion;\n  const newVersion = (current + 1) | 0;\n  const change = tools.changes.change(node, by.zxid);\n  stats.setModified',
        replace:
          '  const current = stats.version(node.stat);\n  const newVersion = (current + 1) | 0;\n  const change = tools.changes.change(node, by.zxid);\n  stats.setModified',
      },
    ],
  },
  {
    name: 'digest-not-updated',
    what: "new data does not change the tree's digest",
    edits: [
      {
        file: `${CORE}/tree/data-tree.ts`,
        find: '    this.nodes.setData(node, data);\n    this.restat(node);',
        replace: '    this.nodes.setData(node, data);',
      },
    ],
  },
  {
    name: 'watch-dropped-on-reconnect',
    what: 'setWatches does not set the watches whose nodes have not changed',
    edits: [
      {
        file: `${CORE}/watch/watches.ts`,
        find: '      else this.data.add(path, watcher, WatchMode.oneShot);\n    }\n    for (const path of request.existWatches) {',
        replace: '    }\n    for (const path of request.existWatches) {',
      },
    ],
  },
  {
    name: 'missed-change-not-told',
    what: 'setWatches does not tell of what changed meanwhile',
    edits: [
      {
        file: `${CORE}/watch/watches.ts`,
        find: 'else if (tree.stats.mzxid(node.stat) > relativeZxid)',
        replace: 'else if (tree.stats.mzxid(node.stat) > relativeZxid && false)',
      },
    ],
  },
  {
    name: 'watch-fires-twice',
    what: 'a watch stays when it has fired',
    edits: [
      {
        file: `${CORE}/watch/watch-table.ts`,
        find: 'if ((modes & WatchMode.oneShot) !== 0) this.spend(path, watcher, modes);',
        replace: '',
      },
    ],
  },
  {
    name: 'child-watch-forgotten',
    what: 'a deletion does not tell those who watch the children',
    edits: [
      {
        file: `${CORE}/tree/data-tree.ts`,
        find: '    this.observer?.deleted(view);\n    this.observer?.childrenChanged(this.view(parent, parentPath));',
        replace: '    this.observer?.deleted(view);',
      },
    ],
  },
  {
    name: 'event-behind-answer',
    what: 'an event leaves behind an answer that shows the change',
    edits: [
      {
        file: `${CORE}/server/request-server.ts`,
        find: '    this.core.outbox.frame(connection, frame);',
        replace: '    queueMicrotask(() => this.core.outbox.frame(connection, frame));',
      },
    ],
  },
];
