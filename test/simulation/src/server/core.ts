/** The part of a server that is simulated around: the production core, wired as the runtime wires it. */
import type { ClientAcceptor, Database, Env, Peer, PeerEffects, RequestServer, ServerId } from '@menagerie/ensemble';

export interface Core {
  readonly peer: Peer;
  readonly server: RequestServer;
  readonly acceptor: ClientAcceptor;
  readonly database: Database;
}

export interface CoreOptions {
  readonly serverId: ServerId;
  /** One alone, without observers, is standalone. */
  readonly voters: readonly ServerId[];
  readonly observers: readonly ServerId[];
  readonly env: Env;
  readonly effects: PeerEffects;
  /** Put between peer and request server, so that a checker sees what is committed and who leads. */
  readonly observe: (server: RequestServer, database: Database) => RequestServer;
}

export type MakeCore = (options: CoreOptions) => Core;
