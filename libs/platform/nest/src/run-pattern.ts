/** What a `main.ts` of these services calls: `--help`, or the service until it is told to stop. */
import { runService, type ServiceModule } from '@menagerie/service';
import type { z } from 'zod';
import { openApi } from './open-api.js';
import type { PatternConfig } from './pattern-config.js';

export interface PatternProgram<C extends PatternConfig> {
  /** `platform/naming` */
  readonly name: string;
  /** One line. */
  readonly about: string;
  readonly config: z.ZodType<C>;
  /** Variable by variable, those of its own; the common ones are added. */
  readonly variables: Readonly<Record<string, string>>;
  readonly module: ServiceModule;
}

const common: Readonly<Record<string, string>> = {
  SERVICE_ID: 'the name of this replica',
  HTTP_PORT: 'where it listens; 0 for any free port',
  HTTP_HOST: 'default 127.0.0.1',
  ZK_CONNECT: 'the ensemble, host:port,...',
  ZK_SESSION_TIMEOUT_MS: 'default 6000',
  LOG_LEVEL: 'trace, debug, info (default), warn, error, fatal, silent',
  STOP_DEADLINE_MS: 'a graceful stop takes no longer; default 10000',
};

export async function runPattern<C extends PatternConfig>(program: PatternProgram<C>): Promise<void> {
  const { name, about, config, module, variables } = program;
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(helpOf(name, about, { ...variables, ...common }));
    return;
  }
  await runService({ name, config, module, instance: ({ id }) => id, prepare: openApi(name) });
}

function helpOf(name: string, about: string, variables: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(variables).map(({ length }) => length));
  const lines = Object.entries(variables).map(([key, what]) => `  ${key.padEnd(width)}  ${what}`);
  return `${name}: ${about}\n\nEnvironment:\n${lines.join('\n')}\n\nHTTP: /health, /metrics, /openapi.json, /docs\n`;
}
