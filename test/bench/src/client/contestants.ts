/** The clients compared, each in the way its users get the most out of it. */
import { createRequire } from 'node:module';
import { ZooKeeper } from '@menagerie/zookeeper-client';

export const CONTESTANTS = ['menagerie', 'node-zookeeper-client', 'zookeeper'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export type Op = 'get' | 'set';

/** One connected client; each call says by `done` that its answer has come. */
export interface Contestant {
  run(op: Op, path: string, data: Buffer, done: (error: unknown) => void): void;
  close(): Promise<void> | void;
}

const SESSION_TIMEOUT_MS = 20_000;

export function connectContestant(name: ContestantName, address: string, packageFolder: string): Promise<Contestant> {
  switch (name) {
    case 'menagerie':
      return connectMenagerie(address);
    case 'node-zookeeper-client':
      return connectNodeZooKeeperClient(address);
    case 'zookeeper':
      return connectNative(address, packageFolder);
  }
}

async function connectMenagerie(address: string): Promise<Contestant> {
  const client = await ZooKeeper.connect({ connect: address, sessionTimeoutMs: SESSION_TIMEOUT_MS });
  return {
    run(op, path, data, done) {
      const call: Promise<unknown> = op === 'get' ? client.getData(path) : client.setData(path, data);
      call.then(() => done(null), done);
    },
    close: async () => void (await client.close()),
  };
}

type Callback = (error: unknown) => void;

interface NodeZooKeeperClient {
  once(event: 'connected', listener: () => void): void;
  connect(): void;
  getData(path: string, callback: Callback): void;
  setData(path: string, data: Buffer, version: number, callback: Callback): void;
  close(): void;
}

async function connectNodeZooKeeperClient(address: string): Promise<Contestant> {
  const { createClient } = createRequire(import.meta.url)('node-zookeeper-client') as {
    createClient(address: string, options: object): NodeZooKeeperClient;
  };
  const client = createClient(address, { sessionTimeout: SESSION_TIMEOUT_MS });
  await new Promise<void>((resolve) => {
    client.once('connected', resolve);
    client.connect();
  });
  return {
    run: (op, path, data, done) => (op === 'get' ? client.getData(path, done) : client.setData(path, data, -1, done)),
    close: () => client.close(),
  };
}

type NativeCallback = (code: number, error: string) => void;

interface NativeClient {
  connect(options: object, callback: (error: unknown) => void): void;
  a_get(path: string, watch: boolean, callback: NativeCallback): void;
  a_set(path: string, data: Buffer, version: number, callback: NativeCallback): void;
  close(): void;
}

/** The bindings to the C client; fetched into a folder of its own, see `native-package.ts`. */
async function connectNative(address: string, packageFolder: string): Promise<Contestant> {
  const loaded = createRequire(`${packageFolder}/package.json`)('zookeeper') as
    (new (options: object) => NativeClient) | { default: new (options: object) => NativeClient };
  const Client = typeof loaded === 'function' ? loaded : loaded.default;
  const options = { connect: address, timeout: SESSION_TIMEOUT_MS, debug_level: 1, host_order_deterministic: true };
  const client = new Client(options);
  await new Promise<void>((resolve, reject) => {
    client.connect(options, (error) => (error ? reject(new Error(String(error))) : resolve()));
  });
  const settle =
    (done: Callback): NativeCallback =>
    (code, error) =>
      done(code === 0 ? null : new Error(error));
  return {
    run: (op, path, data, done) =>
      op === 'get' ? client.a_get(path, false, settle(done)) : client.a_set(path, data, -1, settle(done)),
    close: () => client.close(),
  };
}
