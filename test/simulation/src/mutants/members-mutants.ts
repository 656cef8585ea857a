/** Bugs in changes of the members, and in read-only mode. */
import type { Mutant } from './mutant.js';

const CORE = 'infra/ensemble/src/core';

export const membersMutants: readonly Mutant[] = [
  {
    name: 'new-quorum-skipped',
    what: 'a change of the members is committed by a quorum of the old ones alone',
    edits: [
      {
        file: `${CORE}/zab/leader/acknowledgements.ts`,
        find: 'return Math.max(change.counter - 1, Math.min(old, change.tally.count(this.reached)));',
        replace: 'return old;',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 150,
  },
  {
    name: 'old-quorum-skipped',
    what: 'a change of the members is committed by a quorum of the new ones alone',
    edits: [
      {
        file: `${CORE}/zab/leader/acknowledgements.ts`,
        find: 'if (change === null || old < change.counter) return old;',
        replace: 'if (change === null || old < change.counter - 1) return old;',
      },
      {
        file: `${CORE}/zab/leader/acknowledgements.ts`,
        find: 'Math.min(old, change.tally.count(this.reached))',
        replace: 'change.tally.count(this.reached)',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 300,
  },
  {
    name: 'proposed-taken-for-done',
    what: 'who joins takes a change for done that its leader has only proposed, as in Apache (found by this simulator)',
    edits: [
      {
        file: `${CORE}/zab/learner/synchronizer.ts`,
        find: 'leadersConfig !== null && this.isCommitted(leadersConfig);',
        replace: 'leadersConfig !== null;',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 150,
  },
  {
    name: 'unlogged-members-rule',
    what: 'a change that was announced and stands in no log is completed by the next leader, as in Apache',
    edits: [
      {
        file: `${CORE}/peer/peer.ts`,
        find: 'this.membership!.forgetAfter(lastLoggedZxid);',
        replace: '',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 150,
  },
  {
    name: 'old-leader-stays',
    what: 'a leader that has no vote any more goes on leading',
    edits: [
      {
        file: `${CORE}/zab/leader/broadcast.ts`,
        find: 'if (leader !== self) this.namedSuccessor = leader;',
        replace: '',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 150,
  },
  {
    name: 'elected-by-old-members',
    what: 'while the members change a quorum of the old ones elects',
    edits: [
      {
        file: `${CORE}/quorum/membership.ts`,
        find: 'return this.proposedVerifier === null || this.proposedVerifier.containsQuorum(servers);',
        replace: 'return true;',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 150,
  },
  {
    name: 'proposed-members-forgotten',
    what: 'a server that starts again does not look for the change it had logged',
    edits: [
      {
        file: `${CORE}/quorum/membership.ts`,
        find: 'if (this.isDynamic && seen.version > this.lastSeen.version) this.setNext(seen);',
        replace: 'void seen;',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 150,
  },
  {
    name: 'read-only-server-writes',
    what: 'a server in read-only mode takes a write',
    edits: [
      {
        file: `${CORE}/server/client-requests.ts`,
        find: 'if (role.isReadOnly) return ErrorCode.NotReadOnly;',
        replace: 'if (role.isReadOnly) return ErrorCode.Ok;',
      },
    ],
    whereMembersChange: true,
    withinSeeds: 150,
  },
];
