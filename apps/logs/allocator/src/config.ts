/** What an allocator reads from its environment. How it allocates stands in the tree, for all allocators alike. */
import { isName } from '@menagerie/logs-core';
import { env, serviceEnv, serviceSettings, type ServiceConfig } from '@menagerie/service';
import { z } from 'zod';

export interface AllocatorConfig extends ServiceConfig {
  readonly allocatorId: string;
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
}

export const allocatorConfig = z
  .object({
    ...serviceEnv,
    ALLOCATOR_ID: env.text().refine(isName, 'expected letters, digits, dots, dashes and underscores'),
    ALLOCATOR_HTTP_PORT: env.port(),
    ZK_CONNECT: env.zkConnect(),
    ZK_SESSION_TIMEOUT_MS: env.millis(600_000).default(6_000),
  })
  .transform((e): AllocatorConfig => ({
    ...serviceSettings(e, e.ALLOCATOR_HTTP_PORT),
    allocatorId: e.ALLOCATOR_ID,
    zkConnect: e.ZK_CONNECT,
    sessionTimeoutMs: e.ZK_SESSION_TIMEOUT_MS,
  }));
