/** The serving side as a process: one method, offered as a Dubbo service, as plain gRPC and as plain HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { DubboRegistry } from '@menagerie/dubbo-registry';
import { DubboServer, ExportedService } from '@menagerie/dubbo-rpc';
import { decode, encode, PATH, SERVICE } from './wire.js';

/** Said to the parent once everything listens and the service is on the list. */
export interface Listening {
  readonly dubbo: number;
  readonly grpc: number;
  readonly http: number;
}

const echo = (text: string): string => text;
const name = process.argv[3] ?? '';

async function plainGrpc(): Promise<number> {
  const server = new Server();
  const handle: handleUnaryCall<[string], string> = (call, callback) => callback(null, echo(call.request[0]));
  server.register<[string], string>(PATH, handle, encode, (bytes) => decode(bytes) as [string], 'unary');
  return await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

async function plainHttp(): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [text] = decode(Buffer.concat(chunks)) as [string];
      const body = encode(echo(text));
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'content-length': body.length,
        })
        .end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const dubbo = new DubboServer({ port: 0 });
await dubbo.listen();
const [grpc, http] = [await plainGrpc(), await plainHttp()];
const registry = new DubboRegistry({
  connect: process.argv[2] ?? '',
  sessionTimeoutMs: 4_000,
});
await ExportedService.open(
  { serviceInterface: SERVICE, methods: { echo, who: () => name } },
  {
    registry,
    server: dubbo,
    application: 'bench',
    parameters: { warmup: '1' },
  },
);
process.send?.({ dubbo: dubbo.port, grpc, http } satisfies Listening);
// Nobody left to serve.
process.on('disconnect', () => process.exit(0));
