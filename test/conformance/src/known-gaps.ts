/**
 * Claims that our server does not keep yet, or will not: each runs as one that must fail, so that this list shrinks with
 * the work and cannot go stale. What is only here for a reason of safety stays; the rest is work to be done.
 */
interface Gap {
  readonly subject: string;
  readonly titles: readonly string[];
  readonly reason: string;
}

const gaps: readonly Gap[] = [
  {
    subject: 'exists',
    titles: ['needs no permission'],
    reason: 'kept from those who may not read, as Apache does since 3.8.4 (ZOOKEEPER-2590)',
  },
  { subject: 'ACLs', titles: ['exists asks for nothing'], reason: 'as above (ZOOKEEPER-2590)' },
  {
    subject: 'watches',
    titles: [
      'the ACL of a deleted node decides who hears of it',
      'an identity that came after the watch counts',
      'setWatches asks for no permission in what it tells at once',
    ],
    reason: 'events are hidden from those who may not read the node',
  },
  {
    subject: 'deleteContainer',
    titles: ['from a client it is BadArguments, whatever the path, and the connection goes on'],
    reason: 'refused as unimplemented and closed: any client could delete with it',
  },
  {
    subject: 'sessions',
    titles: ['a connection that failed with a wrong password has ended the first one all the same'],
    reason: 'a wrong password disconnects nobody else',
  },
  {
    subject: 'checkWatches',
    titles: ['a watch of another connection is told, too'],
    reason: 'a connection is told of its own watches only',
  },
  {
    subject: 'addWatch',
    titles: ['a one-shot watch on top of a persistent one takes its place', 'the mode that came last counts'],
    reason: 'a one-shot watch does not erase a persistent one, as in Apache 3.9',
  },
  {
    subject: 'setWatches2',
    titles: ['null lists are a marshalling error', 'persistent watches come back, without what they missed'],
    reason: 'to do: null lists are taken as empty; a one-shot and a persistent watch are kept side by side',
  },
  { subject: 'setWatches', titles: ['null lists are a marshalling error'], reason: 'to do: taken as empty' },
  {
    subject: 'setData',
    titles: ['bodies that end too soon are a marshalling error'],
    reason: 'to do: one of the bodies is answered otherwise',
  },
  {
    subject: 'auth',
    titles: ['an identity belongs to the connection, not to the session'],
    reason: 'to do: follows from the permission that exists needs here',
  },
  {
    subject: 'four-letter words',
    titles: [
      'srvr: the version and eight lines more, nine on a leader',
      'stat: the same with a line a connection',
      'cons: a line a connection, with its session',
      'cons: the last operation by its short name',
      'dump: sessions, their ephemeral nodes, connections',
      'envi: begins with the version and the host',
      'mntr: a name, a tab and a value a line, with what scrapers read',
      'gtmk and stmk: the trace mask is told, and set',
    ],
    reason: 'to do: details of the text differ; the trace mask is not built',
  },
];

/** Why our server does not keep this claim; `null` when it does. */
export function knownGap(subject: string, title: string): string | null {
  return gaps.find((gap) => gap.subject === subject && gap.titles.includes(title))?.reason ?? null;
}
