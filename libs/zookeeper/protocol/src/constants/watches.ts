/** Closed sets around watches. Source: Watcher.java, ZooDefs.AddWatchModes. */

export const EventType = {
  /** The session's state changed; never on the wire. */
  None: -1,
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  /** The three `...Removed` types are made by a client for its own watchers; never on the wire. */
  DataWatchRemoved: 5,
  ChildWatchRemoved: 6,
  PersistentWatchRemoved: 7,
} as const;

export type EventType = (typeof EventType)[keyof typeof EventType];

export const KeeperState = {
  Disconnected: 0,
  /** The only state a server puts on the wire. */
  SyncConnected: 3,
  AuthFailed: 4,
  ConnectedReadOnly: 5,
  SaslAuthenticated: 6,
  Closed: 7,
  Expired: -112,
} as const;

export type KeeperState = (typeof KeeperState)[keyof typeof KeeperState];

/** The `type` of checkWatches and removeWatches; 4 and 5 are known to servers from 3.9 on. */
export const WatcherType = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const;

export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType];

export const AddWatchMode = {
  persistent: 0,
  persistentRecursive: 1,
} as const;

export type AddWatchMode = (typeof AddWatchMode)[keyof typeof AddWatchMode];
