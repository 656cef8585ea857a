/** What the znodes hold, as JSON, and how it is read back. Unknown fields are kept out; missing ones have defaults. */
import { z } from 'zod';
import { ReplicatorError } from '../errors.js';

/** Of one task. Each has a table map at the reader and statements at the writer. */
export const MAX_TABLES = 200;
const MAX_PROBLEM_CHARS = 500;

const count = z.int().min(0);
/** As MariaDB takes it without quotes: no identifier of ours ever needs any. */
const identifier = z
  .string()
  .regex(/^[A-Za-z_][\w$]{0,63}$/, 'expected a name of letters, digits, underscores and dollars');
const START = /^(snapshot|now|\d+-\d+-\d+(,\d+-\d+-\d+)*)$/;

const databaseSchema = z.object({
  host: z.string().regex(/^[\w.:-]{1,255}$/, 'expected a host'),
  port: z.int().min(1).max(65_535),
  database: identifier,
  user: z.string().min(1).max(80),
  password: z.string().max(200),
});
/** Where a database is, and who we are there. */
export type DatabasePlace = z.infer<typeof databaseSchema>;

export const DESIRED = ['RUN', 'STOP'] as const;
export type Desired = (typeof DESIRED)[number];

export const DDL_POLICIES = ['pause', 'apply'] as const;
export type DdlPolicy = (typeof DDL_POLICIES)[number];

/** `/mysql_replicator/tasks/<task>`: not for everybody, as it holds passwords. */
export const taskSchema = z.object({
  v: z.literal(1).default(1),
  desired: z.enum(DESIRED).default('RUN'),
  source: databaseSchema,
  target: databaseSchema,
  tables: z
    .array(identifier)
    .min(1)
    .max(MAX_TABLES)
    .refine((tables) => new Set(tables).size === tables.length, 'expected each table once'),
  /** The same for all cores of a task: of two dumps with one id the source ends the older (a second fence). */
  serverId: z.int().min(1).max(0xffff_ffff),
  /** Where a copy begins that has no position yet: `snapshot`, `now`, or a position such as `0-1-42`. */
  start: z.string().regex(START, 'expected snapshot, now or a position such as 0-1-42').default('snapshot'),
  /** What becomes of changes to the definition of a table: carried out at the target, or waited for. */
  ddl: z.enum(DDL_POLICIES).default('pause'),
  /** The transaction whose change of a definition was carried out at the target by hand. */
  ddlDone: z.string().max(60).default(''),
  /** Grows when the tables are to be copied anew. */
  copy: z.int().min(1).default(1),
});
export type Task = z.infer<typeof taskSchema>;

export const InstanceStatus = { running: 'RUNNING', standby: 'STANDBY' } as const;
export type InstanceStatus = (typeof InstanceStatus)[keyof typeof InstanceStatus];

/** `instances/<host>-<seq>`. */
const instanceSchema = z.object({
  status: z.enum(InstanceStatus),
  /** By the core's own clock, for people. */
  since: count,
  pid: count,
});
export type Instance = z.infer<typeof instanceSchema>;

/** `lastCommit`. Its mtime is the RUNNING core's sign of life. */
const lastCommitSchema = z.object({
  /** Creation zxid of the writer's instance node, hexadecimal: grows with each take-over. */
  fence: z.string().regex(/^0x[0-9a-f]{1,16}$/),
  phase: z.enum(['copying', 'streaming']),
  gtid: z.string().max(4_000),
  file: z.string().max(512),
  pos: count,
  rows: count,
  copy: z.int().min(0).default(1),
  /** When the writer wrote this. */
  at: count,
  /** From commit at the source to commit at the target, of what was applied last. */
  lagMs: count.default(0),
  /** Why nothing is copied at the moment. */
  problem: z.object({ code: z.string().max(60), message: z.string().max(MAX_PROBLEM_CHARS) }).optional(),
});
export type LastCommit = z.infer<typeof lastCommitSchema>;

export const shortProblem = ({ code, message }: { code: string; message: string }): LastCommit['problem'] => ({
  code,
  message: message.slice(0, MAX_PROBLEM_CHARS),
});

function reader<T>(schema: z.ZodType<T>): (data: Buffer, path: string) => T {
  return (data, path) => {
    let value: unknown;
    try {
      value = JSON.parse(data.toString());
    } catch (cause) {
      // The data itself may hold a password: it is not shown.
      throw new ReplicatorError(
        'REPLICATOR_BAD_PAYLOAD',
        `${path}: expected JSON, got ${data.length} bytes of another kind`,
        false,
        { cause },
      );
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new ReplicatorError(
      'REPLICATOR_BAD_PAYLOAD',
      `${path}: ${where === '' ? '' : `${where}: `}${issue?.message}`,
    );
  };
}

/** Each takes a node's data and its path. @throws ReplicatorError `REPLICATOR_BAD_PAYLOAD` that names path and field */
export const readPayload = {
  task: reader(taskSchema),
  instance: reader(instanceSchema),
  lastCommit: reader(lastCommitSchema),
} as const;

/** A task as it may be shown: without its passwords. */
export const withoutSecrets = (task: Task): Task => ({
  ...task,
  source: { ...task.source, password: '********' },
  target: { ...task.target, password: '********' },
});
