/** Hooks around calls. The client knows no tracing library; `@menagerie/zookeeper-client/opentelemetry` joins one to it. */
import type { ZooKeeperError } from './errors.js';

export interface TracedCall {
  /** `create`, `getData`, ... */
  readonly operation: string;
  /** As the caller wrote it; undefined for calls without one (multi, whoAmI). */
  readonly path: string | undefined;
}

export interface CallSpan {
  /** Called once, when the call is settled; with its error if it was rejected. */
  end(error: ZooKeeperError | null): void;
}

/** What it throws is the caller's: tracing that fails fails the call. */
export interface ClientTracer {
  /** Called when the call is made, in its caller's context. */
  startCall(call: TracedCall): CallSpan;
}
