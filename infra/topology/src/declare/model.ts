/** The words in which the running system is declared. Everything here is data or a pure function of data. */

/** How to find out that a process is well. */
export type Probe =
  /** Apache's `srvr`: healthy when the server says its mode. */
  | { readonly kind: 'zookeeper'; readonly port: string }
  /** `GET path` answers 2xx. */
  | { readonly kind: 'http'; readonly port: string; readonly path: string };

export interface Replica {
  /** Unique over the whole system: it names data directory, log, record and chaos target. */
  readonly id: string;
  /** What each port is for, and its number before the offset. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What a group's own rendering functions may use. Paths are absolute. */
export interface Place {
  readonly replica: Replica;
  /** Counted from 1, as ZooKeeper counts its servers. */
  readonly number: number;
  /** This process alone writes here. */
  readonly dataDir: string;
  /** Where processes listen: 127.0.0.1, unless the containers have names. */
  readonly host: string;
  /** A port of this replica, offset included. */
  port(name: string): number;
  /** `[id, host, port]` of every replica of a group, for one of its ports. */
  peers(group: string, port: string): readonly (readonly [id: string, host: string, port: number])[];
  /** The ensemble, ours or a foreign one, as `host:port,...`. */
  readonly zkConnect: string;
}

export interface Group {
  /** `<system>/<process>`, as the folder under `apps/`; `ensemble` for the ensemble. */
  readonly name: string;
  /** What it is, in the words of a status table. */
  readonly title: string;
  /** The Nx project whose `serve` target runs it. */
  readonly project: string;
  /** Script for Node, from the root of the repository. */
  readonly program: string;
  readonly replicas: readonly Replica[];
  /** Names of the groups without which this one is not even started. */
  readonly waitsFor: readonly string[];
  /** Those who wait go on once this many replicas are healthy. */
  readonly enough: number;
  readonly probe: Probe;
  readonly args?: (place: Place) => readonly string[];
  /** Files to write below `dataDir` before the process starts, by relative path. */
  readonly files?: (place: Place) => Readonly<Record<string, string>>;
  readonly environment?: (place: Place) => Readonly<Record<string, string>>;
}

export interface Topology {
  /** The group whose `client` ports make up `zkConnect`; not started when a foreign ensemble is used. */
  readonly ensemble?: string;
  readonly groups: readonly Group[];
}
