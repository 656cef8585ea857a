/**
 * A connection as its protocol sees it: bytes in, bytes out, and an end. `TcpChannel` is one on a bare handle,
 * `SocketChannel` one on a socket.
 */
export interface ByteChannel {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Bytes that have not reached the kernel. */
  readonly queuedBytes: number;

  /** From now on its owner is told what comes; called once, first. */
  open(owner: ChannelOwner): void;
  /** The bytes belong to the channel from now on; all of a turn leave at its end, in one write. */
  write(bytes: Buffer): void;
  /** Until `resume` nothing more is read. */
  pause(): void;
  resume(): void;
  /** What is queued is sent, and then no more; it is closed when the other side has closed, or a moment later. */
  end(): void;
  /** Closes it as it is. */
  destroy(): void;
}

export interface ChannelOwner {
  /** @param bytes a view that is valid during this call only */
  received(bytes: Buffer): void;
  /** All that was queued has reached the kernel. */
  drained(): void;
  failed(reason: string): void;
  /** Once, last, and never from within a call to the channel. */
  closed(): void;
}

/** A client that never reads would keep its socket in FIN_WAIT for ever: what is queued gets this long. */
export const LINGER_MS = 1000;
