/** Serves interfaces over gRPC: one port, many services, several versions and groups of each. */
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status as Status,
} from '@grpc/grpc-js';
import { MethodStatus } from '@menagerie/dubbo-cluster';
import { BusinessError, DubboError, isDubboError, serviceKey } from '@menagerie/dubbo-url';
import { within } from './context.js';
import { ServedCall } from './served-call.js';
import { businessTrailer, decodeValue, encodeValue, Header, MAX_MESSAGE_BYTES, textOf } from './wire.js';

export type Handler = (...args: never[]) => unknown;

export interface ServedService {
  readonly serviceInterface: string;
  readonly version?: string;
  readonly group?: string;
  /** By name. A handler refuses with `BusinessError`; whatever else it throws is a fault of the service. */
  readonly methods: Readonly<Record<string, Handler>>;
}

export interface DubboServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Told of what a service throws that is no refusal. */
  readonly onFault?: (error: unknown, method: string) => void;
}

const MAX_STREAMS = 1_000;

export class DubboServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': MAX_STREAMS,
  });
  private readonly services = new Map<string, ServedService>();
  private readonly registered = new Set<string>();
  private readonly counts = new Map<string, MethodStatus>();
  private bound = 0;

  constructor(private readonly options: DubboServerOptions) {}

  get port(): number {
    return this.bound;
  }

  /** @throws DubboError `DUBBO_DUPLICATE_SERVICE`: a caller could not say which of the two it means */
  add(service: ServedService): void {
    const { serviceInterface, group, version, methods } = service;
    const key = serviceKey(serviceInterface, group, version);
    if (this.services.has(key)) {
      throw new DubboError('DUBBO_DUPLICATE_SERVICE', `expected one service as ${key}, got a second`);
    }
    this.services.set(key, service);
    for (const method of Object.keys(methods)) {
      this.counts.set(`${key}/${method}`, new MethodStatus());
      const path = `/${serviceInterface}/${method}`;
      if (this.registered.has(path)) continue;
      this.registered.add(path);
      const handle: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
        this.serve(serviceInterface, method, call).then(
          (value) => callback(null, value),
          (error: unknown) => callback(this.failureOf(error, path)),
        );
      };
      this.server.register(
        path,
        handle,
        (bytes) => bytes,
        (bytes) => bytes,
        'unary',
      );
    }
  }

  /** How the calls of each method have gone, by `group/interface:version/method`. A refusal is an answer. */
  get served(): ReadonlyMap<string, MethodStatus> {
    return this.counts;
  }

  /** Calls under way. */
  get active(): number {
    return [...this.counts.values()].reduce((sum, { active }) => sum + active, 0);
  }

  async listen(): Promise<number> {
    const { host = '127.0.0.1', port } = this.options;
    this.bound = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, chosen) => {
        if (error === null) resolve(chosen);
        else reject(new DubboError('DUBBO_BAD_REQUEST', `expected ${host}:${port} to be free: ${error.message}`));
      });
    });
    return this.bound;
  }

  /** Takes nothing new, lets what is under way finish, by the deadline at the latest. */
  async close(drainMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.server.forceShutdown();
        resolve();
      }, drainMs);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private async serve(name: string, method: string, call: ServerUnaryCall<Buffer, Buffer>): Promise<Buffer> {
    const text = (header: string): string => textOf(call.metadata, header);
    const key = serviceKey(name, text(Header.group), text(Header.version));
    const handler = this.services.get(key)?.methods[method];
    const status = this.counts.get(`${key}/${method}`);
    if (handler === undefined || status === undefined) {
      throw new DubboError('DUBBO_UNKNOWN_METHOD', `expected a method of a service here, got ${method} of ${key}`);
    }
    const args = decodeValue(call.request);
    if (!Array.isArray(args)) throw new DubboError('DUBBO_BAD_REQUEST', 'expected a list of arguments');
    const context = new ServedCall(call);
    const beganMs = performance.now();
    let succeeded = false;
    status.begin();
    try {
      const result = encodeValue(await within(context, async () => await handler(...(args as never[]))));
      succeeded = true;
      return result;
    } catch (error) {
      succeeded = error instanceof BusinessError;
      throw error;
    } finally {
      status.end(succeeded, performance.now() - beganMs, Date.now());
    }
  }

  private failureOf(error: unknown, path: string): { code: Status; details: string; metadata: Metadata } {
    if (error instanceof BusinessError) {
      return { code: Status.FAILED_PRECONDITION, details: error.message, metadata: businessTrailer(error) };
    }
    const metadata = new Metadata();
    if (isDubboError(error, 'DUBBO_UNKNOWN_METHOD')) {
      return { code: Status.UNIMPLEMENTED, details: error.message, metadata };
    }
    if (isDubboError(error, 'DUBBO_BAD_REQUEST') || isDubboError(error, 'DUBBO_BAD_ANSWER')) {
      return { code: Status.INVALID_ARGUMENT, details: error.message, metadata };
    }
    this.options.onFault?.(error, path);
    return { code: Status.INTERNAL, details: 'the service failed unexpectedly; its log says more', metadata };
  }
}
