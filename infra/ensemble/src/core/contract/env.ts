/** Everything about the outside that the pure core may ask for. The runtime gives real ones, the simulator its own. */
export interface Env {
  /** Monotonic milliseconds. Deadlines and session expiry use nothing else. */
  monotonicMs(): number;
  /** Wall clock, milliseconds since 1970. Only for the `time` of a transaction and for node ages. */
  wallMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  readonly log: CoreLog;
}

export type LogFields = Readonly<Record<string, string | number | boolean | bigint | null>>;

/** One line an event; `event` is a short stable phrase, the rest are fields. */
export interface CoreLog {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A server's number: `myid`, the N of `server.N`. 0..255; a bigint only on the wire. */
export type ServerId = number;
