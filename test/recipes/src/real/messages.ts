/** What an actor's process and its director say to each other, over Node's own channel. */
import type { Details } from '../plays/play.js';

export interface ActorTask {
  readonly play: string;
  readonly index: number;
  readonly actors: number;
  readonly connect: string;
  readonly seed: number;
  readonly path: string;
  readonly sessionTimeoutMs: number;
}

export type FromActor =
  /** Each session it has, so that the director can end it. */
  | { readonly kind: 'session'; readonly id: string; readonly password: string }
  | { readonly kind: 'tell'; readonly number: number; readonly what: string; readonly details: Details }
  | { readonly kind: 'ended'; readonly failure: string | null }
  /** Its client is closed; it can be given another task. */
  | { readonly kind: 'rested' };

export type ToActor =
  | { readonly kind: 'act'; readonly task: ActorTask }
  | { readonly kind: 'answer'; readonly number: number; readonly accepted: boolean }
  | { readonly kind: 'rest' };
