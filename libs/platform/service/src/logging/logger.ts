/** Structured logs: one JSON object a line on stdout, written before the call returns so that a killed process loses none. */
import { destination, pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** The service, such as `yarn/resource-manager`. On every line. */
  readonly name: string;
  /** Which of its replicas, such as `rm1`. On every line when given. */
  readonly instance?: string;
  readonly level?: LogLevel;
  /** Where lines go; stdout by default. */
  readonly to?: DestinationStream;
}

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: {
        service: options.name,
        ...(options.instance === undefined ? {} : { instance: options.instance }),
        pid: process.pid,
      },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      // zxids and session ids are bigint, which JSON does not know.
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args;
          method.apply(this, [withoutBigints(first), ...rest] as Parameters<typeof method>);
        },
      },
    },
    options.to ?? destination({ dest: 1, sync: true }),
  );
}

/** Session ids and zxids are read in hex everywhere else, so also here. Looks one level deep, where log fields are. */
function withoutBigints(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null || fields instanceof Error) return fields;
  const entries = Object.entries(fields);
  if (!entries.some(([, value]) => typeof value === 'bigint')) return fields;
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      typeof value === 'bigint' ? `0x${BigInt.asUintN(64, value).toString(16)}` : value,
    ]),
  );
}
