/**
 * Accepted connections below `net.Socket`: the handles that Node's own sockets stand on, and the two request objects that
 * writing and shutting down take. `net.Socket` costs 3 KB a connection, its handle a third of that, and 10,000 idle
 * sessions are the ordinary case of a coordination service (docs/decisions/0070-client-connections-below-net-socket.md).
 *
 * Node does not document this layer, though it has been the same since Node 12. All that we ask of it is here; where it is
 * not found, `takeHandles` takes nothing and connections arrive as sockets.
 * Source: Node's lib/net.js, lib/internal/stream_base_commons.js, src/stream_base.cc.
 */
import type { Server } from 'node:net';

/** What calls return: 0, or the negative number of a system error. */
type Status = number;

export interface TcpHandle {
  /** Called with the handle as `this` when bytes came, or an end: `bytesRead()` says which. */
  onread: (this: TcpHandle) => void;
  /** Whose it is. A property of our own. */
  channel?: unknown;
  /** What is read goes there; nothing but the caller keeps the memory alive. */
  useUserBuffer(buffer: Buffer): void;
  readStart(): Status;
  readStop(): Status;
  writeBuffer(request: WriteRequest, bytes: Buffer): Status;
  shutdown(request: ShutdownRequest): Status;
  setNoDelay(enable: boolean): Status;
  getpeername(into: { address?: string; port?: number }): Status;
  close(closed: () => void): void;
}

/** Of a write that could not be done at once. */
export interface WriteRequest {
  oncomplete: (this: WriteRequest, status: Status) => void;
  channel?: unknown;
  /** Keeps the memory alive until it is written. */
  bytes?: Buffer;
}

export interface ShutdownRequest {
  oncomplete: (this: ShutdownRequest, status: Status) => void;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => ShutdownRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

interface ListeningHandle {
  onconnection: (this: ListeningHandle, status: Status, handle?: TcpHandle) => void;
}

const binding = findBinding();

/** For `writeBuffer`; may be used again as long as `lastWriteWaits()` was false. */
export const newWriteRequest = (): WriteRequest => new binding!.WriteWrap();
export const newShutdownRequest = (): ShutdownRequest => new binding!.ShutdownWrap();

/** In `onread`: how many bytes came, or the negative number of an error. */
export const bytesRead = (): number => binding!.streamBaseState[binding!.kReadBytesOrError]!;

/** After `writeBuffer`: whether the kernel took only a part, so that `oncomplete` will be called. */
export const lastWriteWaits = (): boolean => binding!.streamBaseState[binding!.kLastWriteWasAsync] !== 0;

/**
 * From now on connections to this server arrive at `take` instead of as sockets.
 *
 * @param server listens already
 * @returns false if this Node has no such handles: nothing has changed then
 */
export function takeHandles(server: Server, take: (handle: TcpHandle) => void): boolean {
  const listening = (server as { _handle?: Partial<ListeningHandle> | null })._handle;
  const ordinary = listening?.onconnection;
  if (binding === null || !listening || typeof ordinary !== 'function') return false;
  listening.onconnection = function (status, handle) {
    if (status !== 0 || handle === undefined) ordinary.call(this, status, handle);
    else take(handle);
  };
  return true;
}

function findBinding(): StreamBinding | null {
  const { binding: bindingOf } = process as { binding?: (name: string) => Partial<StreamBinding> };
  try {
    const found = bindingOf?.call(process, 'stream_wrap');
    const isWhole =
      typeof found?.WriteWrap === 'function' &&
      typeof found.ShutdownWrap === 'function' &&
      found.streamBaseState !== undefined &&
      found.kReadBytesOrError !== undefined &&
      found.kLastWriteWasAsync !== undefined;
    return isWhole ? (found as StreamBinding) : null;
  } catch {
    // A later Node, or one that is told to give nothing internal away.
    return null;
  }
}
