/** Schemas for the values that environment variables carry. Each message reads on from the variable's name. */
import { z } from 'zod';

import { LOG_LEVELS, type LogLevel } from '../logging/logger.js';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const MAX_PORT = 65_535;

function integer(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= min && value <= max, expected);
}

function hostPort(text: string): HostPort | undefined {
  const match = /^(?<host>[^\s:,=]+|\[[0-9a-fA-F:]+\]):(?<port>\d{1,5})$/.exec(text.trim());
  const port = Number(match?.groups?.['port']);
  const host = match?.groups?.['host'];
  return host !== undefined && port >= 1 && port <= MAX_PORT ? { host, port } : undefined;
}

export const env = {
  /** Anything but nothing. */
  text: () => z.string(),
  /** @param min and max are both allowed */
  integer,
  /** A TCP port; 0 lets the system choose. */
  port: () => integer(0, MAX_PORT),
  /** Milliseconds, at least 1. */
  millis: (max = 86_400_000) => integer(1, max),
  flag: () => z.enum(['true', 'false'], 'expected true or false').transform((value) => value === 'true'),
  oneOf: <const T extends readonly [string, ...string[]]>(values: T) =>
    z.enum(values, `expected one of ${values.join(', ')}`),
  /** `host:port,host:port`, with an optional chroot after the last, as ZooKeeper clients take it. */
  zkConnect: () =>
    z.string().refine((text) => {
      const [servers = '', ...chroot] = text.split(/(?=\/)/);
      return chroot.length < 100 && servers.split(',').every((server) => hostPort(server) !== undefined);
    }, 'expected host:port,host:port,... and maybe a /chroot'),
  /** `id=host:port,id=host:port`, in the order given. Ids are unique. */
  addresses: () =>
    z.string().transform((text, context): ReadonlyMap<string, HostPort> => {
      const map = new Map<string, HostPort>();
      for (const part of text.split(',')) {
        const [id = '', address = ''] = part.split(/=(.*)/s);
        const parsed = hostPort(address);
        if (id.trim() === '' || parsed === undefined || map.has(id.trim())) {
          context.addIssue({ code: 'custom', message: 'expected id=host:port,id=host:port,... with each id once' });
          return z.NEVER;
        }
        map.set(id.trim(), parsed);
      }
      return map;
    }),
} as const;

/** The variables that every service takes. Spread into the service's `z.object`. */
export const serviceEnv = {
  LOG_LEVEL: env.oneOf(LOG_LEVELS).default('info'),
  HTTP_HOST: env.text().default('127.0.0.1'),
  STOP_DEADLINE_MS: env.millis().default(10_000),
} as const;

/** What `runService` needs to know of any service's config. */
export interface ServiceConfig {
  readonly http: HostPort;
  readonly logLevel: LogLevel;
  /** A graceful stop takes no longer than this; then the process ends with exit code 1. */
  readonly stopDeadlineMs: number;
}

/** @returns the `ServiceConfig` part of a config, from what `serviceEnv` parsed and the service's own port variable */
export function serviceSettings(
  parsed: { readonly LOG_LEVEL: LogLevel; readonly HTTP_HOST: string; readonly STOP_DEADLINE_MS: number },
  httpPort: number,
): ServiceConfig {
  return {
    http: { host: parsed.HTTP_HOST, port: httpPort },
    logLevel: parsed.LOG_LEVEL,
    stopDeadlineMs: parsed.STOP_DEADLINE_MS,
  };
}
