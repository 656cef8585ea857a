/** What disks do. Damage is done to so few servers that the others still have everything and can go on. */
import type { Random } from '../engine/random.js';
import type { SimulatedServer } from '../server/simulated-server.js';
import type { Fault, FaultTargets } from './atlas.js';

/** Logs and snapshots have checksums. Epoch files are Apache's, a bare number, and nothing tells 4 from 5. */
const CHECKED_FILES = /\/(log|snapshot)\.[0-9a-f]+$/;
const SECTOR_BYTES = 512;

function victim(targets: FaultTargets, random: Random): SimulatedServer | null {
  const server = random.pick(targets.servers);
  return targets.operators.mayHarm(server) ? server : null;
}

/** The part of a file that was written, without the zeros it was grown by. */
const written = (bytes: Buffer): number => {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
};

function damageOne(targets: FaultTargets, random: Random, change: (bytes: Buffer, length: number) => void): string {
  const server = victim(targets, random);
  if (server === null) return 'nobody: too few would be left';
  const { disk } = server;
  const paths = disk.paths(CHECKED_FILES).filter((path) => written(disk.expect(path).content.all()) > SECTOR_BYTES);
  if (paths.length === 0) return `server ${server.id}, which has nothing yet`;
  const path = random.pick(paths);
  const length = written(disk.expect(path).content.all());
  disk.damage(disk.expect(path), (bytes) => change(bytes, Math.min(length, bytes.length)));
  return `server ${server.id}: ${path.slice(path.lastIndexOf('/') + 1)}`;
}

export const diskFaults: Readonly<Record<string, Fault>> = {
  bitRot: (targets, random) => {
    const [dice, bit] = [random.next(), random.integer(0, 7)];
    return damageOne(targets, random, (bytes, length) => {
      const at = Math.floor(dice * length);
      if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << bit);
    });
  },
  /** A sector written where another belongs. */
  misdirectedWrite: (targets, random) => {
    const [from, to] = [random.next(), random.next()];
    return damageOne(targets, random, (bytes, length) => {
      const sectors = Math.floor(length / SECTOR_BYTES);
      if (sectors < 2) return;
      const source = Math.floor(from * sectors);
      const target = (source + 1 + Math.floor(to * (sectors - 1))) % sectors;
      bytes.copy(bytes, target * SECTOR_BYTES, source * SECTOR_BYTES, (source + 1) * SECTOR_BYTES);
    });
  },
  fullDisk: ({ time, servers }, random) => {
    const server = random.pick(servers);
    server.disk.setFull(true);
    time.after(random.delay(1500), () => server.disk.setFull(false));
    return `server ${server.id}`;
  },
  failedSync: ({ servers }, random) => {
    const server = random.pick(servers);
    server.disk.failNextSync();
    return `server ${server.id}`;
  },
  slowDisk: ({ time, servers }, random) => {
    const server = random.pick(servers);
    server.disk.slowDown({ meanSyncMs: random.pick([50, 200, 600]) });
    time.after(random.delay(3000), () => server.disk.usualSpeed());
    return `server ${server.id}`;
  },
};
