/** One connection for each address, shared by all references of a process. */
import { Client, connectivityState, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { DubboError } from '@menagerie/dubbo-url';
import {
  type Attachments,
  decodeValue,
  encodeValue,
  errorOf,
  Header,
  MAX_MESSAGE_BYTES,
  writeAttachments,
} from './wire.js';

export interface Outgoing {
  readonly serviceInterface: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly version?: string | undefined;
  readonly group?: string | undefined;
  readonly application?: string | undefined;
  readonly attachments?: Attachments | undefined;
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Addresses come from the registry, which anybody may write. */
const MAX_CONNECTIONS = 10_000;
const same = (bytes: Buffer): Buffer => bytes;

export class Connections {
  private readonly clients = new Map<string, { readonly client: Client; users: number }>();

  private readonly known = new Map<string, Metadata>();

  /** To be given back with `release`. */
  acquire(address: string): void {
    const known = this.clients.get(address);
    if (known !== undefined) {
      known.users += 1;
      return;
    }
    if (this.clients.size >= MAX_CONNECTIONS) {
      throw new DubboError(
        'DUBBO_BAD_REQUEST',
        `expected at most ${MAX_CONNECTIONS} addresses, got ${address} as well`,
      );
    }
    const client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      // What is tried again, and where, is the strategy's to decide.
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2_000,
    });
    this.clients.set(address, { client, users: 1 });
  }

  /** The last one closes it; calls under way finish. */
  release(address: string): void {
    const known = this.clients.get(address);
    if (known === undefined || --known.users > 0) return;
    this.clients.delete(address);
    known.client.close();
  }

  /** False once a connection has been refused or has broken, until there is one again. */
  isReachable(address: string): boolean {
    const client = this.clients.get(address)?.client;
    if (client === undefined) return false;
    const state = client.getChannel().getConnectivityState(false);
    // Asking once more makes it try again.
    if (state === connectivityState.TRANSIENT_FAILURE) client.getChannel().getConnectivityState(true);
    return state !== connectivityState.TRANSIENT_FAILURE && state !== connectivityState.SHUTDOWN;
  }

  /** @throws DubboError */
  call(address: string, outgoing: Outgoing): Promise<unknown> {
    const { serviceInterface, method, args, version, group, application, attachments, deadlineMs, signal } = outgoing;
    const client = this.clients.get(address)?.client;
    const path = `/${serviceInterface}/${method}`;
    if (client === undefined) {
      return Promise.reject(
        new DubboError('DUBBO_UNREACHABLE', `${path} at ${address}: let go of`, { retryable: true }),
      );
    }
    const request = encodeValue(args);
    if (request.length > MAX_MESSAGE_BYTES) {
      const message = `expected arguments up to ${MAX_MESSAGE_BYTES} bytes, got ${request.length}`;
      return Promise.reject(new DubboError('DUBBO_TOO_LARGE', message));
    }
    return new Promise((resolve, reject) => {
      let metadata = this.headers(version, group, application);
      if (attachments !== undefined) {
        metadata = metadata.clone();
        writeAttachments(metadata, attachments);
      }
      const done = (error: ServiceError | null, bytes?: Buffer): void => {
        signal?.removeEventListener('abort', cancel);
        if (error !== null) return reject(errorOf(error, address, path));
        try {
          resolve(decodeValue(bytes ?? Buffer.alloc(0)));
        } catch (cause) {
          reject(cause as Error);
        }
      };
      const call = client.makeUnaryRequest(path, same, same, request, metadata, { deadline: deadlineMs }, done);
      const cancel = (): void => call.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** The same for all calls of a reference, and made once: whoever sends them takes a copy. */
  private headers(version = '', group = '', application = ''): Metadata {
    const key = `${version} ${group} ${application}`;
    let metadata = this.known.get(key);
    if (metadata !== undefined) return metadata;
    metadata = new Metadata();
    if (version !== '') metadata.set(Header.version, version);
    if (group !== '') metadata.set(Header.group, group);
    if (application !== '') metadata.set(Header.consumer, application);
    if (this.known.size >= MAX_CONNECTIONS) this.known.clear();
    this.known.set(key, metadata);
    return metadata;
  }

  close(): void {
    for (const { client } of this.clients.values()) client.close();
    this.clients.clear();
  }
}
