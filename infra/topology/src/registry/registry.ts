/** The records of who runs: small JSON files that are replaced whole, so that a reader never sees half of one. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { ProcessPlan } from '../declare/plan.js';
import { parseSettings, type Settings } from '../declare/settings.js';
import { AlreadyRunningError } from '../errors.js';
import { layout } from './layout.js';
import { isAlive, type ProcessIdentity } from './process-identity.js';

export interface ProcessRecord extends ProcessIdentity {
  readonly id: string;
  readonly group: string;
  readonly ports: Readonly<Record<string, number>>;
  /** The group id that marks its packets, when the launcher was root. */
  readonly gid?: number;
  /** How often the supervisor has started it in its own life, less one. */
  readonly restarts: number;
  /** ISO 8601. */
  readonly since: string;
}

export interface SupervisorRecord extends ProcessIdentity {
  readonly group: string;
}

/** Losing the race for a group this often means that others keep starting it. */
const CLAIM_ATTEMPTS = 3;

export class Registry {
  constructor(private readonly dataRoot: string) {}

  recordProcess(plan: ProcessPlan, identity: ProcessIdentity, restarts: number, gid?: number): void {
    const record: ProcessRecord = {
      id: plan.id,
      group: plan.group,
      pid: identity.pid,
      startTime: identity.startTime,
      ports: plan.ports,
      ...(gid === undefined ? {} : { gid }),
      restarts,
      since: new Date().toISOString(),
    };
    writeWhole(layout.record(this.dataRoot, plan.id), record);
  }

  /** @returns the last record; that its process still lives is for the caller to check. Undefined when there is none. */
  process(id: string): ProcessRecord | undefined {
    const read = readObject(layout.record(this.dataRoot, id));
    return read !== undefined && isIdentity(read) ? (read as unknown as ProcessRecord) : undefined;
  }

  forgetProcess(id: string): void {
    rmSync(layout.record(this.dataRoot, id), { force: true });
  }

  /**
   * Makes `identity` the one supervisor of a group. A link is made in one step or not at all, so of two that try at
   * the same time one fails; the record of a dead supervisor is removed first.
   * @throws AlreadyRunningError when another one lives
   */
  claimGroup(group: string, identity: ProcessIdentity): void {
    const file = layout.supervisor(this.dataRoot, group);
    const next = `${file}.${process.pid}.new`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(next, `${JSON.stringify({ group, ...identity })}\n`);
    try {
      for (let attempt = 1; ; attempt++) {
        const other = this.supervisor(group);
        if (other !== undefined && isAlive(other)) throw new AlreadyRunningError(group, other.pid);
        rmSync(file, { force: true });
        try {
          linkSync(next, file);
          return;
        } catch (error) {
          if (attempt >= CLAIM_ATTEMPTS) throw error;
        }
      }
    } finally {
      rmSync(next, { force: true });
    }
  }

  supervisor(group: string): SupervisorRecord | undefined {
    const read = readObject(layout.supervisor(this.dataRoot, group));
    return read !== undefined && isIdentity(read) ? { group, pid: read.pid, startTime: read.startTime } : undefined;
  }

  forgetSupervisor(group: string): void {
    rmSync(layout.supervisor(this.dataRoot, group), { force: true });
  }

  recordSettings(settings: Settings): void {
    writeWhole(layout.settings(this.dataRoot), settings);
  }

  /** @returns the settings of the last start on this data root, if there was one */
  lastSettings(): Settings | undefined {
    const read = readObject(layout.settings(this.dataRoot));
    if (read === undefined) return undefined;
    const { portOffset, zkConnect } = read;
    return parseSettings('/', {
      dataRoot: this.dataRoot,
      portOffset: typeof portOffset === 'number' ? String(portOffset) : undefined,
      zkConnect: typeof zkConnect === 'string' ? zkConnect : undefined,
    });
  }
}

/** A rename replaces the file in one step. Nothing is fsynced: after a crash of the machine the pids are void anyway. */
function writeWhole(file: string, content: object): void {
  mkdirSync(dirname(file), { recursive: true });
  const next = `${file}.${process.pid}.new`;
  writeFileSync(next, `${JSON.stringify(content, undefined, 2)}\n`);
  renameSync(next, file);
}

/** A file that is missing or no JSON object is as good as none: whoever wrote it is gone. */
function readObject(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isIdentity(value: object): value is ProcessIdentity {
  return 'pid' in value && typeof value.pid === 'number' && 'startTime' in value && typeof value.startTime === 'string';
}
