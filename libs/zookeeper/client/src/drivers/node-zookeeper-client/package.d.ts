/**
 * The parts of node-zookeeper-client 1.1.3 that the driver stands on. The package has no types of its own; these are
 * of its insides too, which is why its version is pinned exactly.
 */
declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface Packet {
    readonly request: { readonly header: { readonly type: number; readonly xid: number } | null };
    readonly callback: (error: Error | null, response?: { readonly payload: unknown }) => void;
  }

  export interface ConnectionManager extends EventEmitter {
    state: number;
    socket: Socket | undefined;
    connectTimeoutHandler: NodeJS.Timeout | null;
    sessionId: Buffer;
    sessionPassword: Buffer;
    sessionTimeout: number;
    /** Last zxid seen. */
    zxid: Buffer;
    xid: number;
    readonly pendingQueue: Packet[];
    readonly packetQueue: { queue: Packet[] };
    readonly watcherManager: { emit(event: { readonly type: number; readonly path: string }): void };
    connect(): void;
    queue(request: object, callback?: Packet['callback']): void;
    findNextServer(callback: (server: { host: string; port: number }) => void): void;
    onSocketData(chunk: Buffer): void;
    onSocketTimeout(): void;
  }

  export interface Client {
    readonly connectionManager: ConnectionManager;
  }

  const zookeeper: {
    createClient(connect: string, options: { sessionTimeout: number; spinDelay: number; retries: number }): Client;
    readonly Exception: Readonly<Record<string, unknown>>;
  };
  export default zookeeper;
}

declare module 'node-zookeeper-client/lib/ConnectionManager.js' {
  const manager: {
    readonly STATES: {
      readonly DISCONNECTED: number;
      readonly CONNECTING: number;
      readonly CONNECTED: number;
      readonly SESSION_EXPIRED: number;
      readonly AUTHENTICATION_FAILED: number;
    };
  };
  export default manager;
}

declare module 'node-zookeeper-client/lib/jute/index.js' {
  export interface JuteRecord {
    [field: string]: unknown;
  }
  type RecordClass = new (...fields: unknown[]) => JuteRecord;

  const jute: {
    readonly OP_CODES: Readonly<
      Record<
        | 'CREATE'
        | 'DELETE'
        | 'EXISTS'
        | 'GET_DATA'
        | 'SET_DATA'
        | 'GET_ACL'
        | 'SET_ACL'
        | 'SYNC'
        | 'PING'
        | 'GET_CHILDREN2'
        | 'CHECK'
        | 'MULTI'
        | 'AUTH'
        | 'SET_WATCHES'
        | 'CLOSE_SESSION'
        | 'ERROR',
        number
      >
    >;
    readonly protocol: Readonly<Record<string, RecordClass>>;
    readonly data: Readonly<Record<string, RecordClass>>;
    readonly TransactionRequest: new (ops: readonly object[]) => JuteRecord;
    readonly Request: new (header: { type: number; xid: number }, payload: object | null) => { toBuffer(): Buffer };
  };
  export default jute;
}
