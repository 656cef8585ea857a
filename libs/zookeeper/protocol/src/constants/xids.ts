/** The xids with a meaning of their own; ordinary requests count 1 .. 2^31-1 and wrap to 1 (ZOOKEEPER-3253). */
export const Xid = {
  /** Server to client: a watch event. */
  watch: -1,
  ping: -2,
  auth: -4,
  setWatches: -8,
} as const;

export type Xid = (typeof Xid)[keyof typeof Xid];
