/** The core's log on pino: one line an event, bigints as the hex numbers that ZooKeeper people know. */
import { pino, type DestinationStream, type Logger } from 'pino';
import type { CoreLog, LogFields } from '../../core/contract/index.js';

export const LogFormat = { json: 'json', text: 'text' } as const;
export type LogFormat = (typeof LogFormat)[keyof typeof LogFormat];

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface PinoLogOptions {
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Stands in every line. */
  readonly serverId: number;
  /** Default: standard output, written at once, so that the last lines before an end are not lost. */
  readonly destination?: DestinationStream;
}

export function createLog({ format, level, serverId, destination }: PinoLogOptions): CoreLog {
  const target = destination ?? pino.destination({ dest: 1, sync: true });
  const out = format === 'json' ? target : textStream(target);
  const logger = pino({ level, base: { server: serverId }, timestamp: pino.stdTimeFunctions.isoTime }, out);
  return fromPino(logger);
}

export function fromPino(logger: Logger): CoreLog {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields?: LogFields): void => {
      if (!logger.isLevelEnabled(level)) return;
      if (fields === undefined) logger[level](event);
      else logger[level](readable(fields), event);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const silentLog: CoreLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function readable(fields: LogFields): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    shown[key] = typeof value === 'bigint' ? `0x${BigInt.asUintN(64, value).toString(16)}` : value;
  }
  return shown;
}

/** `time LEVEL [server N] event key=value`: pino writes a line at a time, so each write is one event. */
function textStream(target: DestinationStream): DestinationStream {
  return {
    write: (line) => {
      const { time, level, server, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const label = pino.levels.labels[Number(level)] ?? 'info';
      const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`);
      target.write(
        `${String(time)} ${label.toUpperCase().padEnd(5)} [server ${String(server)}] ${String(msg)}${pairs.join('')}\n`,
      );
    },
  };
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
