/** Three or five real servers, each with an address, a disk and a clock of its own, that can be broken one by one. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startTestEnsemble,
  waitFor,
  type Command,
  type Engine,
  type TestEnsemble,
  type TestServer,
} from '@menagerie/zookeeper-testing';
import { Disk } from './disk.js';
import { Clock } from './clock.js';
import { Network, whyNoNetwork } from './network.js';
import { purge } from './purge.js';

/** Peers that hear nothing give up after two seconds, so that a partition is felt within a round. */
const TICK_MS = 500;
const SYNC_LIMIT_TICKS = 4;
/** For so long a server does not notice that it is cut off. */
export const SYNC_LIMIT_MS = TICK_MS * SYNC_LIMIT_TICKS;
const START_DEADLINE_MS = 90_000;

export interface BrokenServer {
  readonly server: TestServer;
  readonly disk: Disk;
  readonly clock: Clock;
}

export class ChaosEnsemble {
  private constructor(
    readonly kit: TestEnsemble,
    readonly engine: Engine,
    /** Null where none can be made: all servers are on 127.0.0.1 then, and no link can be cut. */
    readonly network: Network | null,
    private readonly parts: ReadonlyMap<number, BrokenServer>,
    private readonly folder: string,
  ) {}

  static async start(engine: Engine, size: 3 | 5): Promise<ChaosEnsemble> {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-chaos-'));
    const ids = Array.from({ length: size }, (_, index) => index + 1);
    const network = whyNoNetwork() === '' ? await Network.create(ids) : null;
    const disks = new Map<number, Disk>();
    const clocks = new Map<number, Clock>();
    for (const id of ids) {
      disks.set(id, await Disk.create(join(folder, `disk-${id}`)));
      clocks.set(id, new Clock(join(folder, `clock-${id}`)));
    }
    const launchWith = (id: number) => (command: Command) => {
      const timed = clocks.get(id)!.on(command);
      return network === null ? timed : network.inside(id, timed);
    };
    const undo = (): void => {
      network?.remove();
      for (const disk of disks.values()) disk.remove();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      const kit = await startTestEnsemble({
        servers: size,
        engine,
        tickTimeMs: TICK_MS,
        config: {
          syncLimit: String(SYNC_LIMIT_TICKS),
          // Many snapshots and logs in a short time, of sizes that fit on a small disk.
          snapCount: '2000',
          preAllocSize: '1024',
          'autopurge.snapRetainCount': '3',
        },
        place: (id) => {
          const dataDir = join(disks.get(id)!.folder, 'data');
          mkdirSync(dataDir, { recursive: true });
          return {
            host: network?.address(id) ?? '127.0.0.1',
            dataDir,
            launchWith: launchWith(id),
          };
        },
      });
      const parts = new Map(
        kit.servers.map((server) => [
          server.id,
          { server, disk: disks.get(server.id)!, clock: clocks.get(server.id)! },
        ]),
      );
      return new ChaosEnsemble(kit, engine, network, parts, folder);
    } catch (error) {
      undo();
      throw error;
    }
  }

  get ids(): readonly number[] {
    return [...this.parts.keys()];
  }

  get servers(): readonly TestServer[] {
    return this.kit.servers;
  }

  part(id: number): BrokenServer {
    const part = this.parts.get(id);
    if (part === undefined) throw new Error(`expected a server of ${this.ids.join(', ')}, got ${id}`);
    return part;
  }

  /** The server's logs and snapshots. */
  dataOf(id: number): string {
    return join(this.part(id).server.dataDir, 'version-2');
  }

  /** Starts what does not run, whatever ended it, and waits until all serve. @throws if one does not, in a minute and a half */
  async allServing(): Promise<void> {
    const all = this.kit.servers.map(async (server) => {
      await waitFor(
        async () => {
          if (!server.running) server.launch();
          return (await server.mode()) !== null;
        },
        { timeoutMs: START_DEADLINE_MS, what: `server ${server.id} to serve`, intervalMs: 200 },
      );
    });
    await Promise.all(all);
  }

  async leaderId(): Promise<number | null> {
    return (await this.kit.leader())?.id ?? null;
  }

  /** What the servers said last, and their logs and snapshots, for whoever looks into a violation. */
  keepEvidence(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
    for (const { id, log, dataDir } of this.servers) {
      const of = join(folder, String(id));
      mkdirSync(of, { recursive: true });
      writeFileSync(join(of, 'output.log'), `${log.join('\n')}\n`);
      cpSync(dataDir, join(of, 'data'), { recursive: true });
    }
  }

  /** What an operator's cron job does against disks that fill up with history: both engines wait an hour for it. */
  purge(): void {
    for (const id of this.ids) purge(this.dataOf(id));
  }

  async close(): Promise<void> {
    await this.kit.close();
    this.network?.remove();
    for (const { disk } of this.parts.values()) disk.remove();
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true, force: true });
  }
}
