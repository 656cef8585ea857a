/** Bugs in elections, epochs, synchronization and broadcast. */
import type { Mutant } from './mutant.js';

const ZAB = 'infra/ensemble/src/core/zab';

export const agreementMutants: readonly Mutant[] = [
  {
    name: 'newleader-ack-before-durable',
    what: 'NEWLEADER is acknowledged before the history is on disk (ZOOKEEPER-3911, 4646)',
    edits: [
      {
        file: `${ZAB}/learner/synchronizer.ts`,
        find: ' || history.durableZxid < newLeaderAt) return;',
        replace: ') return;',
      },
      { file: `${ZAB}/history.ts`, find: 'if (this.durable < lastZxid) {', replace: 'if (false) {' },
      // The storage would save no epoch before the log either: both have to fail.
      {
        file: 'infra/ensemble/src/runtime/storage/storage.ts',
        find: '        await this.writer.drain();\n        if (this.isOver || this.writer.isBroken) return;\n',
        replace: '        if (this.isOver || this.writer.isBroken) return;\n',
      },
    ],
    withinSeeds: 300,
  },
  {
    name: 'epoch-before-log',
    what: 'currentEpoch is saved before the history it stands for (ZOOKEEPER-4643)',
    edits: [
      {
        file: `${ZAB}/learner/synchronizer.ts`,
        find: ' || history.durableZxid < newLeaderAt) return;',
        replace: ') return;',
      },
      {
        file: `${ZAB}/learner/synchronizer.ts`,
        find: 'if (!history.isCurrentEpochSaved(epoch)) return;',
        replace: 'if (!history.isCurrentEpochSaved(epoch) || history.durableZxid < newLeaderAt) return;',
      },
      { file: `${ZAB}/history.ts`, find: 'if (this.durable < lastZxid) {', replace: 'if (false) {' },
      // The storage would save no epoch before the log either: both have to fail.
      {
        file: 'infra/ensemble/src/runtime/storage/storage.ts',
        find: '        await this.writer.drain();\n        if (this.isOver || this.writer.isBroken) return;\n',
        replace: '        if (this.isOver || this.writer.isBroken) return;\n',
      },
    ],
    withinSeeds: 300,
  },
  {
    name: 'proposal-ack-before-durable',
    what: 'a follower acknowledges a proposal when it has it, not when it is on disk',
    edits: [
      {
        file: `${ZAB}/learner/proposal-acks.ts`,
        find: 'const last = this.durableZxid < this.appended ? this.durableZxid : this.appended;',
        replace: 'const last = this.appended;',
      },
      {
        file: `${ZAB}/learner/proposal-acks.ts`,
        find: 'this.appended = zxid;',
        replace: 'this.appended = zxid; this.send();',
      },
    ],
  },
  {
    name: 'leader-ack-before-durable',
    what: 'the leader counts itself before its own disk has the proposal',
    edits: [
      {
        file: `${ZAB}/leader/broadcast.ts`,
        find: '    this.hasNewProposals = true;\n',
        replace: '    this.hasNewProposals = true;\n    this.acknowledged(this.context.self, zxid);\n',
      },
    ],
    withinSeeds: 300,
  },
  {
    name: 'promise-not-saved',
    what: 'a follower tells of its promise before it is on disk (ZOOKEEPER-335)',
    edits: [
      {
        file: `${ZAB}/learner/learner.ts`,
        find: ' || !history.isPromiseSaved(this.epoch)) return;',
        replace: ') return;',
      },
    ],
    withinSeeds: 300,
  },
  {
    name: 'follower-ahead-unchecked',
    what: 'a leader does not look whether a follower has more than it has',
    edits: [
      {
        file: `${ZAB}/leader/epoch-agreement.ts`,
        find: 'if (isAheadOf(theirs, this.ours)) return false;',
        replace: '',
      },
      // Elections see to it as a rule: they have to fail too.
      {
        file: 'infra/ensemble/src/core/election/vote.ts',
        find: '  if (one.zxid !== other.zxid) return one.zxid > other.zxid;\n',
        replace: '',
      },
    ],
  },
  {
    name: 'wrong-quorum',
    what: 'one server less than a majority is taken for a quorum',
    edits: [
      {
        file: 'infra/ensemble/src/core/quorum/majority.ts',
        find: 'this.needed = Math.floor(voters.length / 2) + 1;',
        replace: 'this.needed = Math.max(1, Math.floor(voters.length / 2));',
      },
    ],
  },
  {
    name: 'quorum-loss-unnoticed',
    what: 'a leader leads on without a quorum',
    edits: [
      {
        file: `${ZAB}/leader/heartbeat.ts`,
        find: "const isQuorumLeft = mayWait || phase !== 'broadcast' || this.context.membership.hasQuorum(present);",
        replace: 'void mayWait;\n    const isQuorumLeft = true;',
      },
    ],
  },
  {
    name: 'hole-accepted',
    what: 'a follower takes whatever zxid comes next (ZOOKEEPER-4925), after a leader that leaves one out',
    edits: [
      { file: `${ZAB}/learner/learner.ts`, find: 'if (!history.isNext(proposal.zxid)) {', replace: 'if (false) {' },
      {
        file: `${ZAB}/leader/synchronization.ts`,
        find: 'return this.sendCommitted(session, PacketType.DIFF, plan.zxid, plan.proposals);',
        replace: 'return this.sendCommitted(session, PacketType.DIFF, plan.zxid, plan.proposals.slice(1));',
      },
    ],
  },
  {
    name: 'commit-at-proposal',
    what: 'a follower applies a proposal before it is committed',
    edits: [
      {
        file: `${ZAB}/learner/leader-packets.ts`,
        find: 'learner.append(packet);\n      return;\n    case PacketType.COMMIT:',
        replace:
          'if (learner.append(packet)) commit(learner, packet.zxid);\n      return;\n    case PacketType.COMMIT:',
      },
    ],
  },
  {
    name: 'commit-out-of-order',
    what: 'two commits of one turn leave in the wrong order',
    edits: [
      {
        file: `${ZAB}/learner/leader-packets.ts`,
        find: '  const proposal = history.pending.shift();\n  requestServer.commit(proposal);',
        replace:
          '  const proposal = history.pending.shift();\n  const later = history.pending.length > 0 ? history.pending.shift() : null;\n  if (later !== null) requestServer.commit(later);\n  requestServer.commit(proposal);',
      },
    ],
  },
  {
    name: 'tail-not-applied',
    what: 'what is logged and not committed is left out of the state a role ends with (ZOOKEEPER-2845)',
    edits: [
      {
        file: 'infra/ensemble/src/core/peer/peer.ts',
        find: '    this.history.applyTail();\n    this.isElectionDue = true;\n',
        replace:
          '    while (this.history.pending.length > 0) this.history.pending.shift();\n    this.isElectionDue = true;\n',
      },
    ],
  },
  {
    name: 'sync-answered-locally',
    what: 'a follower answers a sync without asking the leader: a stale read behind a sync',
    edits: [
      {
        file: `${ZAB}/learner/learner-replication.ts`,
        find: '    this.pendingSyncs.push({ request, observer: null });\n    this.forward(request);',
        replace: '    queueMicrotask(() => this.learner.context.requestServer.synced(request));',
      },
    ],
  },
];
