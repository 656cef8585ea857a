/**
 * Simulated disks under a path of the real file system: `/simulated/<n>/...` is a disk of ours, for everything in this
 * process that asks `node:fs`. So the storage that ships runs here as it is. Only what that storage uses is there; a call
 * that is not goes to the real file system, which has no such path, and fails.
 */
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { SimulatedFile } from './file.js';
import { type SimulatedDisk, systemError } from './simulated-disk.js';

const MOUNT = '/simulated/';
/** Far from what the system gives out. */
const FIRST_DESCRIPTOR = 1 << 28;

interface OpenFile {
  readonly disk: SimulatedDisk;
  readonly path: string;
  readonly file: SimulatedFile;
}

const disks = new Map<string, SimulatedDisk>();
const openFiles = new Map<number, OpenFile>();
let lastMount = 0;
let nextDescriptor = FIRST_DESCRIPTOR;
let isInstalled = false;

/** A path of its own for a disk to come. */
export function newMountPoint(): string {
  lastMount += 1;
  return `${MOUNT}${lastMount}`;
}

export function mount(disk: SimulatedDisk): void {
  install();
  disks.set(disk.root, disk);
}

/** What a life mounted goes with it. */
export function unmount(disk: SimulatedDisk): void {
  disks.delete(disk.root);
  closeDescriptors(disk);
}

/** As the system does when a process ends. */
export function closeDescriptors(disk: SimulatedDisk): void {
  for (const [descriptor, open] of openFiles) if (open.disk === disk) openFiles.delete(descriptor);
}

function diskOf(path: unknown): SimulatedDisk | null {
  if (typeof path !== 'string' || !path.startsWith(MOUNT)) return null;
  const end = path.indexOf('/', MOUNT.length);
  return disks.get(end < 0 ? path : path.slice(0, end)) ?? null;
}

class SimulatedHandle {
  constructor(
    private readonly disk: SimulatedDisk,
    private readonly path: string,
    /** Null for a directory. */
    private readonly file: SimulatedFile | null,
  ) {}

  async read(buffer: Buffer, offset: number, length: number, position: number) {
    const bytes = this.file!.content.read(position, length);
    bytes.copy(buffer, offset);
    return { bytesRead: bytes.length, buffer };
  }

  async writeFile(data: string | Buffer): Promise<void> {
    this.disk.write(this.file!, this.path, 0, Buffer.from(data as Buffer));
  }

  async appendFile(data: Buffer): Promise<void> {
    this.disk.write(this.file!, this.path, this.file!.length, data);
  }

  async truncate(length: number): Promise<void> {
    this.file!.truncate(length);
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.disk.sync(this.file, this.path, (error) => (error === null ? resolve() : reject(error))),
    );
  }

  datasync(): Promise<void> {
    return this.sync();
  }

  async stat() {
    return statOf(this.file);
  }

  async close(): Promise<void> {}
}

const statOf = (file: SimulatedFile | null) => ({
  size: file?.length ?? 0,
  isDirectory: () => file === null,
  isFile: () => file !== null,
});

function openFile(disk: SimulatedDisk, path: string, flags: string): SimulatedFile {
  const known = disk.file(path);
  if (flags.startsWith('w')) {
    if (flags.includes('x') && known !== undefined) throw systemError('EEXIST', path);
    if (known === undefined) return disk.create(path);
    known.truncate(0);
    return known;
  }
  return disk.expect(path);
}

const promises = {
  open: (disk: SimulatedDisk, path: string, flags = 'r') => {
    if (disk.hasDirectory(path)) return new SimulatedHandle(disk, path, null) as unknown as FileHandle;
    return new SimulatedHandle(disk, path, openFile(disk, path, flags)) as unknown as FileHandle;
  },
  rename: (disk: SimulatedDisk, from: string, to: string) => disk.rename(from, to),
  unlink: (disk: SimulatedDisk, path: string) => disk.unlink(path),
  readdir: (disk: SimulatedDisk, path: string) => disk.list(path),
  stat: (disk: SimulatedDisk, path: string) => statOf(disk.hasDirectory(path) ? null : disk.expect(path)),
  access: (disk: SimulatedDisk, path: string) => {
    if (!disk.hasDirectory(path)) disk.expect(path);
  },
  mkdir: (disk: SimulatedDisk, path: string) => {
    const first = disk.hasDirectory(dirname(path)) ? path : dirname(path);
    disk.makeDirectory(path);
    return first;
  },
  readFile: (disk: SimulatedDisk, path: string, encoding?: BufferEncoding) => {
    const bytes = Buffer.from(disk.expect(path).content.all());
    return encoding === undefined ? bytes : bytes.toString(encoding);
  },
} as const;

const descriptors = {
  writeSync: ({ disk, file, path }: OpenFile, bytes: Buffer, from = 0, count = bytes.length - from, at?: number) =>
    disk.writeSome(file, path, at ?? file.length, bytes.subarray(from, from + count)),
  ftruncateSync: ({ file }: OpenFile, length: number) => file.truncate(length),
  fdatasync: ({ disk, file, path }: OpenFile, done: (error: Error | null) => void) => disk.sync(file, path, done),
  fsync: ({ disk, file, path }: OpenFile, done: (error: Error | null) => void) => disk.sync(file, path, done),
} as const;

type AnyFunction = (...args: unknown[]) => unknown;

/** Once a process; what is not mounted here goes where it always went. */
function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const realPromises = fs.promises as unknown as Record<string, AnyFunction>;
  for (const [name, ours] of Object.entries(promises) as [string, AnyFunction][]) {
    const real = realPromises[name]!;
    realPromises[name] = async (...args: unknown[]) => {
      const disk = diskOf(args[0]);
      return disk === null ? await real(...args) : ours(disk, ...args);
    };
  }
  const realFs = fs as unknown as Record<string, AnyFunction>;
  for (const [name, ours] of Object.entries(descriptors) as [string, AnyFunction][]) {
    const real = realFs[name]!;
    realFs[name] = (...args: unknown[]) => {
      const open = openFiles.get(args[0] as number);
      if (open === undefined && (args[0] as number) >= FIRST_DESCRIPTOR) throw systemError('EBADF', name);
      return open === undefined ? real(...args) : ours(open, ...args.slice(1));
    };
  }
  const { openSync, closeSync, createReadStream } = realFs;
  realFs['openSync'] = (path, flags, ...rest) => {
    const disk = diskOf(path);
    if (disk === null) return openSync!(path, flags, ...rest);
    const file = openFile(disk, path as string, flags as string);
    openFiles.set(nextDescriptor, { disk, path: path as string, file });
    return nextDescriptor++;
  };
  realFs['closeSync'] = (descriptor) => {
    if (!openFiles.delete(descriptor as number)) closeSync!(descriptor);
  };
  realFs['createReadStream'] = (path, options) => {
    const disk = diskOf(path);
    if (disk === null) return createReadStream!(path, options);
    const { start = 0, end = Number.MAX_SAFE_INTEGER } = (options ?? {}) as { start?: number; end?: number };
    return Readable.from([Buffer.from(disk.expect(path as string).content.read(start, end - start + 1))]);
  };
  syncBuiltinESMExports();
}
