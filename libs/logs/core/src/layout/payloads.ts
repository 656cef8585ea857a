/** What the znodes hold, as JSON, and how it is read back. Unknown fields are kept out; missing ones have defaults. */
import { z } from 'zod';
import { LogsError } from '../errors.js';

/** A list must fit into a znode (1 MiB) with room to spare; 10,000 names of 60 bytes are 600 kB. */
export const MAX_SOURCES = 10_000;

const name = z.string().min(1).max(100);
const count = z.int().min(0);
const gauge = z.number().min(0);

/** `/logs/collector/<host>`. An empty node is a collector that was never given anything. */
const assignmentSchema = z.object({
  /** Of this list. Grows over all lists: whoever is given a source later has the larger one. */
  gen: count,
  sources: z.array(name).max(MAX_SOURCES),
  /** To be given up; given to nobody else before this collector has reported a `gen` at least this list's. */
  revoking: z.array(name).max(MAX_SOURCES).default([]),
  /** An operator wants it emptied and gone. */
  draining: z.boolean().default(false),
});
export type Assignment = z.infer<typeof assignmentSchema>;
export const NOTHING: Assignment = { gen: 0, sources: [], revoking: [], draining: false };

const sourceProgressSchema = z.object({
  /** The next byte to be collected: everything before it is in the sink. */
  off: count,
  /** Lines a second, smoothed. */
  rate: gauge.default(0),
  /** Bytes that the agent has and the sink has not. */
  lag: count.default(0),
  /** Why nothing of it is collected at the moment. */
  trouble: z.string().max(300).optional(),
});
export type SourceProgress = z.infer<typeof sourceProgressSchema>;

/** `/logs/collector/<host>/status`. */
const statusSchema = z.object({
  /** The list that is carried out: nothing outside of it is being collected. */
  gen: count,
  /** By the collector's own clock, for people; liveness is judged by the node's `mtime`. */
  at: count,
  /** Another one means another process, perhaps on another machine of the same name. */
  boot: z.string().max(64).default(''),
  /** Where it stands, if it says so. */
  rack: name.optional(),
  /** Its own estimate of all its tasks, 0 to 1 of what it can carry. */
  load: gauge,
  lines: count,
  lagBytes: count,
  perSource: z.record(name, sourceProgressSchema).default({}),
});
export type CollectorStatus = z.infer<typeof statusSchema>;

/** Before its own rate is known, a source weighs what its class says. */
export const RATE_CLASSES = ['low', 'normal', 'high'] as const;
export type RateClass = (typeof RATE_CLASSES)[number];

/** `/logs/sources/<source>`. */
const sourceSchema = z.object({
  host: name,
  /** `host:port` of the agent that serves it. */
  agent: z.string().max(300),
  /** The file, for people. */
  path: z.string().max(4_096),
  rate: z.enum(RATE_CLASSES).default('normal'),
  /** Where it stands, if it says so. */
  rack: name.optional(),
});
export type Source = z.infer<typeof sourceSchema>;

/** `/logs/offsets/<source>`: the sink knows better; this is for people, and for an agent that has lost its memory. */
const offsetSchema = z.object({ offset: count, owner: name, gen: count });
export type CommittedOffset = z.infer<typeof offsetSchema>;

/** `/logs/allocator/leader`. */
const leaderSchema = z.object({ id: name, url: z.string().max(300), since: count });
export type AllocatorLeader = z.infer<typeof leaderSchema>;

export const POLICIES = ['modulo', 'rendezvous', 'local'] as const;
/** `modulo` and `rendezvous` group everything anew; `local` moves as little as will do. */
export type Policy = (typeof POLICIES)[number];

export const WATCH_MODES = ['poll', 'watch'] as const;
export type WatchMode = (typeof WATCH_MODES)[number];

const period = z.int().min(50).max(3_600_000);
/** `/logs/allocator/settings`. All times are in milliseconds. */
export const settingsSchema = z.object({
  policy: z.enum(POLICIES).default('local'),
  /** How the allocator learns of reports; `watch` is there to show what it costs. */
  mode: z.enum(WATCH_MODES).default('poll'),
  pollMs: period.default(1_000),
  /** No report for so long means silent: three periods of reporting. */
  silentAfterMs: period.default(6_000),
  /** What a silent collector had stays its own for so long, in case it blinked. 0: moved at once. */
  moveDelayMs: z.int().min(0).max(3_600_000).default(10_000),
  /** Several changes within this are answered once. */
  debounceMs: z.int().min(0).max(600_000).default(1_500),
  /** Between two looks for an imbalance that is worth a move. */
  balanceEveryMs: period.default(10_000),
  /** A source that was moved stays for so long. */
  cooldownMs: z.int().min(0).max(3_600_000).default(30_000),
});
export type Settings = z.infer<typeof settingsSchema>;
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({});

function reader<T>(schema: z.ZodType<T>, empty?: T): (data: Buffer, path: string) => T {
  return (data, path) => {
    if (data.length === 0 && empty !== undefined) return empty;
    let value: unknown;
    try {
      value = JSON.parse(data.toString());
    } catch (cause) {
      throw new LogsError('LOGS_BAD_PAYLOAD', `${path}: expected JSON, got ${sample(data)}`, false, { cause });
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new LogsError('LOGS_BAD_PAYLOAD', `${path}: ${where === '' ? '' : `${where}: `}${issue?.message}`, false);
  };
}

const sample = (data: Buffer): string => JSON.stringify(data.toString('latin1', 0, 60));

/** Each takes a node's data and its path. @throws LogsError `LOGS_BAD_PAYLOAD` that names path and field */
export const readPayload = {
  assignment: reader(assignmentSchema, NOTHING),
  status: reader(statusSchema),
  source: reader(sourceSchema),
  offset: reader(offsetSchema),
  leader: reader(leaderSchema),
  settings: reader(settingsSchema, DEFAULT_SETTINGS),
} as const;

/** Draining and revoking are left out where there is nothing to say, so that a list looks as the book draws it. */
export function formatAssignment({ gen, sources, revoking, draining }: Assignment): string {
  return JSON.stringify({
    gen,
    sources,
    ...(revoking.length > 0 ? { revoking } : {}),
    ...(draining ? { draining } : {}),
  });
}
