/** Where hosts stand in the tree, and what is written there. `/XAE/machine/<host>` is the book's example; the rest is ours. */
import { z } from 'zod';

export const hostsPaths = {
  machines: '/XAE/machine',
  /** Ephemeral, the agent's. */
  machine: (host: string) => `/XAE/machine/${host}`,
  inventory: '/XAE/inventory',
  /** Persistent: what a host is meant to be, and the boot that owns the name. */
  listed: (host: string) => `/XAE/inventory/${host}`,
  /** Persistent: the latest command. */
  command: (host: string) => `/XAE/command/${host}`,
} as const;

export const hostName = z.string().regex(/^[A-Za-z0-9]([\w.-]{0,98}[A-Za-z0-9])?$/, 'expected a host name');

export const COMMANDS = ['ping', 'drain', 'undrain', 'upgrade'] as const;

export const commandSchema = z.strictObject({
  id: z.string().min(1).max(100),
  verb: z.enum(COMMANDS),
  /** For `upgrade`: the version to become. */
  argument: z.string().max(100).default(''),
});
export type Command = z.infer<typeof commandSchema>;

export const machineSchema = z.strictObject({
  host: hostName,
  /** Another one each time the agent starts: tells a machine from another of the same name, and a restart from a stay. */
  bootId: z.string().min(1).max(64),
  pid: z.number().int(),
  atMs: z.number(),
  version: z.string().max(50),
  /** Load of one minute over the number of cores. */
  cpu: z.number(),
  /** Share in use. */
  memory: z.number(),
  disk: z.number(),
  draining: z.boolean(),
  /** The last command that was carried out, and what came of it. */
  acknowledged: z.strictObject({ id: z.string(), result: z.string() }).nullable(),
});
export type Machine = z.infer<typeof machineSchema>;

export const DESIRED = ['in-service', 'draining', 'retired'] as const;
export const listedSchema = z.strictObject({
  desired: z.enum(DESIRED),
  sinceMs: z.number(),
});
export type Listed = z.infer<typeof listedSchema>;
