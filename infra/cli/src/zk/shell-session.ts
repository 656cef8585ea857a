/** What a command of the shell works on: a client that may be replaced, and where to write. */
import { type ConnectOptions, ZooKeeper, type WatchEvent, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { UsageError } from '../errors.js';
import { eventLines } from './print.js';

export interface ShellOutput {
  line(text: string): void;
}

export class ShellSession {
  printsWatches = true;
  /** Every line that was run, from number 0, for `history` and `redo`. */
  readonly history: string[] = [];
  isOver = false;
  private client: ZooKeeperClient | null = null;
  private target = '';
  private readonly credentials: { scheme: string; credentials: string }[] = [];

  constructor(
    private readonly options: ConnectOptions,
    readonly output: ShellOutput,
  ) {}

  /** Of the last connection; empty before the first. */
  get connectString(): string {
    return this.target;
  }

  async connect(connectString: string): Promise<void> {
    await this.close();
    const auth = [...(this.options.auth ?? []), ...this.credentials];
    this.client = await ZooKeeper.connect({ ...this.options, connect: connectString, auth });
    this.target = connectString;
  }

  /** @throws UsageError while not connected */
  get zk(): ZooKeeperClient {
    if (this.client === null) throw new UsageError('Not connected');
    return this.client;
  }

  get isConnected(): boolean {
    return this.client !== null;
  }

  async addAuth(scheme: string, credentials: string): Promise<void> {
    await this.zk.addAuth(scheme, credentials);
    this.credentials.push({ scheme, credentials });
  }

  async close(): Promise<void> {
    await this.client?.close();
    this.client = null;
  }

  readonly watcher = (event: WatchEvent): void => {
    if (this.printsWatches) for (const line of eventLines(event)) this.output.line(line);
  };
}
