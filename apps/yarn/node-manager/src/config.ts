/** What a NodeManager reads from its environment. */
import { env, serviceEnv, serviceSettings, type ServiceConfig } from '@menagerie/service';
import { parseRmAddresses, type RmAddress } from '@menagerie/yarn-client';
import type { Resource } from '@menagerie/yarn-protocol';
import { z } from 'zod';

export interface NodeManagerConfig extends ServiceConfig {
  readonly nodeName: string;
  readonly dataDir: string;
  readonly resource: Resource;
  readonly rmAddresses: readonly RmAddress[];
  /** As it came, for the containers' own environment. */
  readonly rmAddressesText: string;
  /** Between two looks at the containers' memory. */
  readonly memoryCheckMs: number;
  /** A container told to end gets this long between SIGTERM and SIGKILL. */
  readonly killDelayMs: number;
}

export const nodeManagerConfig = z
  .object({
    ...serviceEnv,
    NM_ID: env.text(),
    NM_HTTP_PORT: env.port(),
    NM_MEMORY_MB: env.integer(64, 1_048_576).default(2048),
    NM_VCORES: env.integer(1, 1024).default(4),
    NM_MEMORY_CHECK_MS: env.millis(60_000).default(500),
    NM_KILL_DELAY_MS: env.millis(60_000).default(250),
    RM_ADDRESSES: env.text().refine(isRmAddresses, 'expected id=host:port,id=host:port,...'),
    DATA_DIR: env.text(),
  })
  .transform((e): NodeManagerConfig => ({
    ...serviceSettings(e, e.NM_HTTP_PORT),
    nodeName: e.NM_ID,
    dataDir: e.DATA_DIR,
    resource: { memoryMb: e.NM_MEMORY_MB, vcores: e.NM_VCORES },
    rmAddresses: parseRmAddresses(e.RM_ADDRESSES),
    rmAddressesText: e.RM_ADDRESSES,
    memoryCheckMs: e.NM_MEMORY_CHECK_MS,
    killDelayMs: e.NM_KILL_DELAY_MS,
  }));

function isRmAddresses(text: string): boolean {
  try {
    return parseRmAddresses(text).length > 0;
  } catch {
    return false;
  }
}
