/**
 * A small file system for one server, in a file of this machine: it can be filled up, and writing to it is real, fsync
 * included. Without root it is an ordinary folder, which can not be filled.
 */
import { mkdirSync, readdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, commandNow, has, isRoot } from './command.js';

/** Logs of Apache's are laid out 64 MiB at a time unless told otherwise; ours are told otherwise (`ensemble.ts`). */
const DISK_MIB = 256;
const MAX_BALLAST_FILES = 12;

/** Empty if small disks can be made here, else why not. */
export function whyNoDisk(): string {
  if (!isRoot()) return 'only root may mount file systems';
  return has('mkfs.ext4') ? '' : 'mkfs.ext4 is not installed';
}

export class Disk {
  private constructor(
    readonly folder: string,
    private readonly image: string | null,
  ) {}

  static async create(folder: string): Promise<Disk> {
    mkdirSync(folder, { recursive: true });
    if (whyNoDisk() !== '') return new Disk(folder, null);
    const image = `${folder}.img`;
    writeFileSync(image, '');
    truncateSync(image, DISK_MIB * 1024 * 1024);
    await command('mkfs.ext4', '-q', '-m', '0', image);
    await command('mount', '-o', 'loop', image, folder);
    const disk = new Disk(folder, image);
    process.once('exit', disk.removeNow);
    return disk;
  }

  get canBeFilled(): boolean {
    return this.image !== null;
  }

  /** Nothing more can be written, beyond what files have been given already. */
  async fill(): Promise<void> {
    const ballast = join(this.folder, 'ballast');
    // In a few steps, since the file system needs some of what it calls free for its own lists.
    for (let part = 0; part < MAX_BALLAST_FILES; part++) {
      const { bavail, bsize } = statfsSync(this.folder);
      if (bavail === 0) return;
      const bytes = Math.max(bsize, Math.floor(bavail / (part + 1)) * bsize);
      await command('fallocate', '-l', String(bytes), `${ballast}-${part}`).catch(() => undefined);
    }
  }

  free(): void {
    for (const name of readdirSync(this.folder)) {
      if (name.startsWith('ballast')) rmSync(join(this.folder, name), { force: true });
    }
  }

  remove(): void {
    process.off('exit', this.removeNow);
    this.removeNow();
  }

  private readonly removeNow = (): void => {
    if (this.image === null) return;
    commandNow('umount', '-l', this.folder);
    rmSync(this.image, { force: true });
  };
}
