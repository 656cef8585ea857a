/** What a call carries beside its arguments, for whoever serves it and whoever that calls in turn. Source: `RpcContext.java`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attachments } from './wire.js';

export interface CallContext {
  readonly attachments: Attachments;
  /** Name of the calling application; empty when it does not say. */
  readonly application: string;
  /** Milliseconds since 1970; a call made while serving this one ends by it too. */
  readonly deadlineMs: number;
  /** Fires when the caller has gone or given up. */
  readonly signal: AbortSignal;
}

const storage = new AsyncLocalStorage<CallContext>();

/** Of the call that is served here; undefined outside of one. */
export const currentCall = (): CallContext | undefined => storage.getStore();

export const within = <T>(context: CallContext, run: () => T): T => storage.run(context, run);
