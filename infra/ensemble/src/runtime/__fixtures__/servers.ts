/** Servers in the test's own process, on free ports and directories of their own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatePorts } from '@menagerie/zookeeper-testing';
import { onTestFinished } from 'vitest';
import { parseZooCfg, type ServerConfig } from '../config/index.js';
import { startServer, type ZkServer } from '../server/index.js';
import { recordingLog, scratchDirectory } from './disk.js';

export interface EmbeddedServer {
  readonly config: ServerConfig;
  readonly server: ZkServer;
  readonly log: ReturnType<typeof recordingLog>;
}

const COMMON = ['tickTime=200', 'initLimit=20', 'syncLimit=10', 'preAllocSize=64', '4lw.commands.whitelist=*'];

/** @param lines further lines of zoo.cfg, for all */
export async function configs(count: 1 | 3, lines: readonly string[] = []): Promise<ServerConfig[]> {
  const ports = await allocatePorts(4 * count);
  const port = (server: number, which: number): number => ports[4 * (server - 1) + which]!;
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const members = ids.map((id) => `server.${id}=127.0.0.1:${port(id, 0)}:${port(id, 1)};127.0.0.1:${port(id, 2)}`);
  const parent = scratchDirectory();
  return ids.map((id) => {
    const dataDir = join(parent, String(id));
    mkdirSync(dataDir);
    if (count > 1) writeFileSync(join(dataDir, 'myid'), String(id));
    const own = count > 1 ? members : [`clientPort=${port(1, 2)}`, 'clientPortAddress=127.0.0.1'];
    const text = [`dataDir=${dataDir}`, `admin.serverPort=${port(id, 3)}`, ...COMMON, ...own, ...lines];
    return parseZooCfg(text.join('\n'), null);
  });
}

export async function embed(config: ServerConfig): Promise<EmbeddedServer> {
  const log = recordingLog();
  const server = await startServer(config, { log });
  onTestFinished(() => server.close());
  return { config, server, log };
}

/** Started together, serving when this resolves. */
export async function embedAll(all: readonly ServerConfig[]): Promise<EmbeddedServer[]> {
  const servers = await Promise.all(all.map(embed));
  await until('all serve', () => servers.every(({ server }) => server.describe().phase === 'broadcast'));
  return servers;
}

/** Polls until `condition` holds; the deadline only ends a test that has failed. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 20 s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
