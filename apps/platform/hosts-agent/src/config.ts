/** What an agent reads from its environment. */
import { mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { hostName } from '@menagerie/platform-core';
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface AgentConfig extends PatternConfig {
  readonly host: string;
  readonly figuresMs: number;
  readonly dataDir: string;
  readonly versionFile: string;
  readonly version: string;
}

const FIRST_VERSION = '1.0.0';

export const agentConfig = z
  .object({
    ...patternEnv,
    AGENT_HOST: hostName.default(hostname()),
    AGENT_FIGURES_MS: env.millis(600_000).default(2_000),
    DATA_DIR: env.text(),
  })
  .transform((e): AgentConfig => {
    mkdirSync(e.DATA_DIR, { recursive: true });
    const versionFile = join(e.DATA_DIR, 'version');
    return {
      ...patternSettings(e),
      host: e.AGENT_HOST,
      figuresMs: e.AGENT_FIGURES_MS,
      dataDir: e.DATA_DIR,
      versionFile,
      version: versionIn(versionFile),
    };
  });

function versionIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return FIRST_VERSION;
  }
}
