/**
 * One server's disk: files and one directory tree, in virtual time.
 *
 * What was written is there for a reader at once. A file's bytes are durable when the file was synced; that it is there
 * under its name, when its directory was. Syncs take time, everything else takes none, so a crash comes between two
 * syncs and finds of what lies between them a first part that chance picks, files and directory each on their own.
 */
import { dirname } from 'node:path';
import type { Random } from '../engine/random.js';
import type { Timer, VirtualTime } from '../engine/virtual-time.js';
import { SimulatedFile } from './file.js';

type Entries = Map<string, SimulatedFile>;
type NameChange = (entries: Entries) => void;

const LOG_FILE = /\/log\.[0-9a-f]+$/;

/** An error as the system gives it. */
export function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, '${path}'`), { code, path });
}

/** Less than most of what is written at once, and not of any block's size. */
const LAST_ROOM_BYTES = 100;

export interface DiskSpeed {
  readonly meanSyncMs: number;
  /** Default 1. */
  readonly logSlowness?: number;
  /** Its syncs say that they are done and have done nothing. Default false: nobody survives that. */
  readonly lies?: boolean;
}

export class SimulatedDisk {
  private meanSyncMs: number;
  /** How many times as long a log takes to sync: there is more of it than of an epoch. */
  private logSlowness: number;
  /** No write finds room, but for what is left. */
  private isFull = false;
  private roomBytes = 0;
  /** The next sync fails. */
  private failsNextSync = false;
  /** Bytes are not what was written. */
  private damaged = false;
  private harmed = false;
  private entries: Entries = new Map();
  private durableEntries: Entries = new Map();
  private nameChanges: NameChange[] = [];
  private readonly directories = new Set<string>();
  private readonly running = new Set<Timer>();

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    /** Where it is mounted. */
    readonly root: string,
    private readonly usual: DiskSpeed,
  ) {
    this.meanSyncMs = usual.meanSyncMs;
    this.logSlowness = usual.logSlowness ?? 1;
    this.directories.add(root);
  }

  // ---- names

  hasDirectory(path: string): boolean {
    return this.directories.has(path);
  }

  makeDirectory(path: string): void {
    for (let at = path; at.length >= this.root.length; at = dirname(at)) this.directories.add(at);
  }

  file(path: string): SimulatedFile | undefined {
    return this.entries.get(path);
  }

  /** @throws ENOENT */
  expect(path: string): SimulatedFile {
    const file = this.entries.get(path);
    if (file === undefined) throw systemError('ENOENT', path);
    return file;
  }

  create(path: string): SimulatedFile {
    if (!this.directories.has(dirname(path))) throw systemError('ENOENT', path);
    const file = new SimulatedFile();
    this.changeNames((entries) => void entries.set(path, file));
    return file;
  }

  rename(from: string, to: string): void {
    const file = this.expect(from);
    this.changeNames((entries) => {
      entries.delete(from);
      entries.set(to, file);
    });
  }

  unlink(path: string): void {
    this.expect(path);
    this.changeNames((entries) => void entries.delete(path));
  }

  list(directory: string): string[] {
    const names: string[] = [];
    for (const path of this.entries.keys()) {
      if (dirname(path) === directory) names.push(path.slice(directory.length + 1));
    }
    return names;
  }

  // ---- bytes

  /** @returns how much of it was written: the last write before a disk is full is a short one */
  writeSome(file: SimulatedFile, path: string, at: number, bytes: Buffer): number {
    const count = this.isFull ? Math.min(bytes.length, this.roomBytes) : bytes.length;
    if (count === 0 && bytes.length > 0) throw systemError('ENOSPC', path);
    if (this.isFull) this.roomBytes -= count;
    file.write(at, count === bytes.length ? bytes : bytes.subarray(0, count));
    return count;
  }

  write(file: SimulatedFile, path: string, at: number, bytes: Buffer): void {
    const written = this.writeSome(file, path, at, bytes);
    if (written < bytes.length) throw systemError('ENOSPC', path);
  }

  /** `done` is called later, unless the server dies before. */
  sync(file: SimulatedFile | null, path: string, done: (error: NodeJS.ErrnoException | null) => void): void {
    const finish = file === null ? this.beginNameSync() : file.beginSync();
    const slowness = LOG_FILE.test(path) ? this.logSlowness : 1;
    const timer = this.time.after(this.random.delay(this.meanSyncMs * slowness), () => {
      this.running.delete(timer);
      const fails = this.failsNextSync;
      this.failsNextSync = false;
      if (!fails && this.usual.lies !== true) finish();
      done(fails ? systemError('EIO', path) : null);
      this.time.promisesSettle();
    });
    this.running.add(timer);
  }

  // ---- failures

  /** A server has every reason to give up. */
  get wasHarmed(): boolean {
    return this.harmed;
  }

  get isDamaged(): boolean {
    return this.damaged;
  }

  get hasNoRoom(): boolean {
    return this.isFull;
  }

  setFull(isFull: boolean): void {
    this.isFull = isFull;
    this.roomBytes = LAST_ROOM_BYTES;
    this.harmed = true;
  }

  failNextSync(): void {
    this.failsNextSync = this.harmed = true;
  }

  damage(file: SimulatedFile, change: (bytes: Buffer) => void): void {
    file.damage(change);
    this.damaged = this.harmed = true;
  }

  slowDown({ meanSyncMs, logSlowness }: Partial<DiskSpeed>): void {
    this.meanSyncMs = meanSyncMs ?? this.meanSyncMs;
    this.logSlowness = logSlowness ?? this.logSlowness;
  }

  usualSpeed(): void {
    this.meanSyncMs = this.usual.meanSyncMs;
    this.logSlowness = this.usual.logSlowness ?? 1;
  }

  /** What made it fail is over; what it did stays. */
  recovers(): void {
    this.usualSpeed();
    this.isFull = this.failsNextSync = false;
  }

  /** An operator's word that an empty server is new, and not one that has lost its disk. */
  initialize(): void {
    this.create(`${this.root}/initialize`);
    this.beginNameSync()();
  }

  /** A server has read it all and found nothing wrong. */
  isTrusted(): void {
    if (!this.damaged && !this.isFull && !this.failsNextSync) this.harmed = false;
  }

  /** The process is gone; what it wrote is in the system's cache and will be there. */
  processDied(): void {
    for (const timer of this.running) timer.cancel();
    this.running.clear();
    for (const file of this.entries.values()) file.beginSync()();
    this.beginNameSync()();
  }

  powerFailed(): void {
    for (const timer of this.running) timer.cancel();
    this.running.clear();
    const kept = this.random.integer(0, this.nameChanges.length);
    for (const change of this.nameChanges.slice(0, kept)) change(this.durableEntries);
    this.nameChanges = [];
    this.entries = new Map(this.durableEntries);
    for (const file of new Set(this.entries.values())) file.loseUnsynced(this.random);
  }

  /** Somebody puts in a new, empty one. */
  replace(): void {
    this.entries = new Map();
    this.durableEntries = new Map();
    this.nameChanges = [];
    this.isFull = this.failsNextSync = this.damaged = this.harmed = false;
  }

  /** Paths of files that match, in the order of their making. */
  paths(pattern: RegExp): string[] {
    return [...this.entries.keys()].filter((path) => pattern.test(path));
  }

  private changeNames(change: NameChange): void {
    change(this.entries);
    this.nameChanges.push(change);
  }

  private beginNameSync(): () => void {
    const count = this.nameChanges.length;
    const begun = this.nameChanges.slice();
    return () => {
      // Another sync may have done some of them meanwhile.
      const still = begun.slice(0, count).filter((change) => this.nameChanges.includes(change));
      for (const change of still) change(this.durableEntries);
      this.nameChanges = this.nameChanges.filter((change) => !still.includes(change));
    };
  }
}
