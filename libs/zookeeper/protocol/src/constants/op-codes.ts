/** What a request, a transaction or a reply is about. Source: ZooDefs.OpCode. */
export const OpCode = {
  /** Never a request; a client that sends it is answered with `Unimplemented`. */
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  /** Only inside a multi (ZOOKEEPER-2623). */
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  /** Internal: made by the leader's container manager, never taken from a client. */
  deleteContainer: 20,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  /** A transaction that only says why its request failed. */
  error: -1,
} as const;

export type OpCode = (typeof OpCode)[keyof typeof OpCode];

const namesByCode = new Map<number, keyof typeof OpCode>(
  (Object.keys(OpCode) as (keyof typeof OpCode)[]).map((name) => [OpCode[name], name]),
);

/** The name of an operation for logs and metrics; null for a number ZooKeeper does not know. */
export function opCodeName(code: number): keyof typeof OpCode | null {
  return namesByCode.get(code) ?? null;
}
