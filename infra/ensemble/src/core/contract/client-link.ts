/** One client's connection as the core sees it. A socket in the runtime, a queue in the simulator. */
export interface ClientLink {
  /** Unique in this server's life. */
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of a connection over TLS; absent over plain TCP. */
  readonly tls?: { readonly certificateName: string | null } | null;
  /**
   * Length-prefixed frames, in order. The runtime gathers what one turn writes into one system call.
   * The bytes are never changed afterwards, so the link may keep them without a copy; several links may get the same.
   */
  write(frames: Buffer): void;
  /** Flushes what was written, then closes. `ClientHandler.closed` follows. */
  close(reason: string): void;
  /** Stop and go on handing over frames (back-pressure). */
  pause(): void;
  resume(): void;
}

/** What the core does with one client connection. */
export interface ClientHandler {
  /** Complete frames without their length, as one read brought them; views that are valid during this call only. */
  frames(frames: readonly Buffer[]): void;
  closed(): void;
}

/** Where the runtime brings new connections. */
export interface ClientAcceptor {
  /** `null`: refused (not serving, too many connections); the link has been closed. */
  accept(link: ClientLink): ClientHandler | null;
}
