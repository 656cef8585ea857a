/** What an agent reads from its environment. */
import { basename, isAbsolute } from 'node:path';
import { isName, RATE_CLASSES, type RateClass } from '@menagerie/logs-core';
import { env, serviceEnv, serviceSettings, type ServiceConfig } from '@menagerie/service';
import { z } from 'zod';

export interface WatchedFile {
  readonly source: string;
  readonly path: string;
}

export interface AgentConfig extends ServiceConfig {
  readonly agentId: string;
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
  readonly dataDir: string;
  readonly files: readonly WatchedFile[];
  /** Every `*.log` in them is a source, called after the agent and the file. */
  readonly folders: readonly string[];
  readonly rateClass: RateClass;
  /** Where this machine stands; a collector of the same rack is preferred. */
  readonly rack?: string;
  /** How a record begins; null when every line is one. */
  readonly recordStart: RegExp | null;
  readonly maxRecordBytes: number;
  /** Between two looks at the files. */
  readonly lookMs: number;
  /** A rotated file may be written to for so long after it last grew. */
  readonly rotationGraceMs: number;
  /** The last record of a file that has not grown for so long is taken for whole. */
  readonly flushMs: number;
}

const MAX_RECORD_BYTES = 1024 * 1024;

const files = () =>
  z.string().transform((text, context): readonly WatchedFile[] => {
    const parsed = text.split(',').map((part): WatchedFile => {
      const [source = '', path = ''] = part.split(/=(.*)/s);
      return { source: source.trim(), path: path.trim() };
    });
    const once = new Set(parsed.map(({ source }) => source)).size === parsed.length;
    if (once && parsed.every(({ source, path }) => isName(source) && isAbsolute(path) && basename(path) !== '')) {
      return parsed;
    }
    context.addIssue({ code: 'custom', message: 'expected source=/path/of/file,... with each source once' });
    return z.NEVER;
  });

const folders = () =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((list) => list.every((folder) => isAbsolute(folder)), 'expected absolute paths, separated by commas');

const pattern = () =>
  z.string().transform((text, context): RegExp => {
    try {
      return new RegExp(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a regular expression' });
      return z.NEVER;
    }
  });

export const agentConfig = z
  .object({
    ...serviceEnv,
    AGENT_ID: env.text().refine(isName, 'expected letters, digits, dots, dashes and underscores'),
    AGENT_HTTP_PORT: env.port(),
    AGENT_FILES: files().optional(),
    AGENT_FOLDERS: folders().optional(),
    AGENT_RACK: env.text().refine(isName, 'expected letters, digits, dots, dashes and underscores').optional(),
    AGENT_RATE_CLASS: env.oneOf(RATE_CLASSES).default('normal'),
    AGENT_RECORD_START: pattern().optional(),
    AGENT_MAX_RECORD_BYTES: env.integer(1_024, MAX_RECORD_BYTES).default(MAX_RECORD_BYTES),
    AGENT_LOOK_MS: env.millis(60_000).default(200),
    AGENT_ROTATION_GRACE_MS: env.millis(600_000).default(1_000),
    AGENT_FLUSH_MS: env.millis(600_000).default(1_000),
    ZK_CONNECT: env.zkConnect(),
    ZK_SESSION_TIMEOUT_MS: env.millis(600_000).default(6_000),
    DATA_DIR: env.text(),
  })
  .transform((e): AgentConfig => ({
    ...serviceSettings(e, e.AGENT_HTTP_PORT),
    agentId: e.AGENT_ID,
    zkConnect: e.ZK_CONNECT,
    sessionTimeoutMs: e.ZK_SESSION_TIMEOUT_MS,
    dataDir: e.DATA_DIR,
    files: e.AGENT_FILES ?? [],
    folders: e.AGENT_FOLDERS ?? [],
    rateClass: e.AGENT_RATE_CLASS,
    ...(e.AGENT_RACK === undefined ? {} : { rack: e.AGENT_RACK }),
    recordStart: e.AGENT_RECORD_START ?? null,
    maxRecordBytes: e.AGENT_MAX_RECORD_BYTES,
    lookMs: e.AGENT_LOOK_MS,
    rotationGraceMs: e.AGENT_ROTATION_GRACE_MS,
    flushMs: e.AGENT_FLUSH_MS,
  }));
