/**
 * A node of ours that is there whenever we have a session: made again with each new session, and when somebody deletes it.
 * Source: Curator's PersistentNode (once PersistentEphemeralNode).
 *
 * Suspended: it stands for as long as the session lives. Lost: it goes, and comes again with the next session. One left
 * by our own earlier session is replaced, since it would vanish under us; another's is waited for and never touched.
 */
import {
  isClosed,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type NodeData,
  type Stat,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { CreateMode, type Acl } from '@menagerie/zookeeper-protocol';
import { RecipeError } from '../errors.js';
import { guaranteedDelete } from '../support/guaranteed-delete.js';
import { breathe, isPassing } from '../support/passing.js';
import { Wake } from '../support/waiting.js';
import { makeDirectory, parentOf } from '../support/make-directory.js';

export interface PersistentNodeOptions {
  readonly acl?: readonly Acl[];
  /** Told each time the node stands again, and each time it turned out to be gone. */
  readonly onChange?: (present: boolean) => void;
  /** Told once, of what ended the effort other than `close`: missing permission, for instance. */
  readonly onFailure?: (error: unknown) => void;
}

const MAX_TRIES = 100;
/** Older ones than these have expired long ago. */
const MAX_EARLIER = 16;

export class PersistentNode implements AsyncDisposable {
  private readonly stop = new AbortController();
  private running: Promise<void> | null = null;
  private wake = new Wake();
  private wanted: Buffer;
  /** Sessions this client had while we ran: what belongs to them is ours, and about to go. */
  private readonly earlier = new Set<bigint>();
  private written: Buffer | null = null;
  private present = false;

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    data: NodeData,
    private readonly options: PersistentNodeOptions = {},
  ) {
    this.wanted = Buffer.from(data as Buffer);
  }

  /** Whether it stood at our last look, in a session that is connected. */
  get isPresent(): boolean {
    return this.present && this.client.state === 'connected';
  }

  /** @throws RecipeError `RECIPE_MISUSED` when started twice. */
  start(): void {
    if (this.running) throw new RecipeError('RECIPE_MISUSED', `${this.path}: started already`, false);
    this.running = this.run().catch((error: unknown) => {
      if (!this.stop.signal.aborted) this.options.onFailure?.(error);
    });
  }

  /** Changes the data, now and in all later lives of the node. The latest wins. */
  setData(data: NodeData): void {
    this.wanted = Buffer.from(data as Buffer);
    this.wake.fire();
  }

  /** Takes the node away and stops. */
  async close(): Promise<void> {
    const wasRunning = this.running !== null && !this.stop.signal.aborted;
    this.stop.abort();
    this.wake.fire();
    await this.running;
    if (wasRunning) await this.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    const offState = this.client.on('state', () => this.wake.fire());
    const offSession = this.client.on('session', ({ previousId }) => {
      if (previousId !== null) this.earlier.add(previousId);
      if (this.earlier.size > MAX_EARLIER) this.earlier.delete([...this.earlier][0] as bigint);
    });
    try {
      while (!signal.aborted) {
        const wake = (this.wake = new Wake());
        try {
          await this.bringAbout(wake);
          if (!signal.aborted) await wake.promise;
        } catch (error) {
          if (isClosed(error)) return;
          if (!isPassing(error) && !isSessionLost(error)) throw error;
          await breathe(signal);
        }
      }
    } finally {
      offState();
      offSession();
      this.tell(false);
    }
  }

  /** One step towards the node standing with the data wanted; leaves a watch that wakes us when it changes. */
  private async bringAbout(wake: Wake): Promise<void> {
    const { client, path } = this;
    const stat = await client.exists(path, { watch: wake.fire, signal: this.stop.signal });
    if (stat === null) {
      this.tell(false);
      await this.create();
      wake.fire();
      return;
    }
    if (stat.ephemeralOwner === client.session?.id) {
      await this.write(stat);
      this.tell(true);
      return;
    }
    this.tell(false);
    if (!this.earlier.has(stat.ephemeralOwner)) return;
    // Of an earlier session of ours: it will vanish, and would take our presence with it.
    await guaranteedDelete(client, path, stat.czxid);
    wake.fire();
  }

  private async create(): Promise<void> {
    const { client, path, wanted, options } = this;
    const { signal } = this.stop;
    try {
      const acl = options.acl ? { acl: options.acl } : {};
      await client.create(path, wanted, { mode: CreateMode.ephemeral, signal, ...acl });
      this.written = wanted;
    } catch (error) {
      if (isNoNode(error)) await makeDirectory(client, parentOf(path), signal);
      else if (!isNodeExists(error) && !isMaybeDone(error)) throw error;
    }
  }

  /** A creation may be under way still when we stop: what belongs to this session goes. */
  private async remove(): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        await this.client.sync(this.path);
        const stat = await this.client.exists(this.path);
        if (stat !== null && stat.ephemeralOwner === this.client.session?.id) {
          await guaranteedDelete(this.client, this.path, stat.czxid);
        }
        return;
      } catch (error) {
        if (!isPassing(error)) return;
        await breathe();
      }
    }
  }

  private async write(stat: Stat): Promise<void> {
    const { wanted } = this;
    if (this.written?.equals(wanted)) return;
    // A creation whose reply was lost may have left what was wanted then.
    await this.client.setData(this.path, wanted, { version: stat.version, signal: this.stop.signal });
    this.written = wanted;
  }

  private tell(present: boolean): void {
    if (this.present === present) return;
    this.present = present;
    if (!present) this.written = null;
    this.options.onChange?.(present);
  }
}
