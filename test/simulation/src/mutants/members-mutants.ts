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
    withinSeeds: 300,
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
    withinSeeds: 500,
  },
  {
    name: 'undecided-voter-ignored',
    what: 'who gets its vote by a change that is not committed is not heard before it names somebody, as in Apache',
    edits: [
      {
        file: `${CORE}/election/election.ts`,
        find: 'if (notification.leader === NOBODY && notification.state === ServerState.LOOKING) {',
        replace: 'if (false) {',
      },
    ],
    withinSeeds: 500,
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
    withinSeeds: 500,
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
  },
];
