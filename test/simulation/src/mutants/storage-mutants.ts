/** Bugs on the way to the disk and back. */
import type { Mutant } from './mutant.js';

const STORAGE = 'infra/ensemble/src/runtime/storage';

export const storageMutants: readonly Mutant[] = [
  {
    name: 'skipped-fsync',
    what: 'the log is reported durable without an fsync',
    edits: [
      {
        file: `${STORAGE}/log-writer.ts`,
        find: 'fdatasync(this.current!.fd, this.onSynced);',
        replace: 'this.onSynced(null);',
      },
    ],
  },
  {
    name: 'roll-before-durable',
    what: 'a new log file is written before the end of the last one is durable (found by this simulator)',
    edits: [{ file: `${STORAGE}/log-writer.ts`, find: '    this.holdsBack = true;', replace: '' }],
  },
  {
    name: 'directory-not-synced',
    what: 'a new log file is not made durable in its directory, as in Apache',
    edits: [
      {
        file: `${STORAGE}/log-writer.ts`,
        find: 'await fsyncDirectory(this.options.directory);',
        replace: '',
      },
    ],
  },
  {
    name: 'rename-not-synced',
    what: 'an epoch file is renamed and its directory not synced, as in Apache',
    edits: [
      {
        file: `${STORAGE}/durable.ts`,
        find: 'await rename(join(directory, temporaryName), join(directory, name));\n  await fsyncDirectory(directory);',
        replace: 'await rename(join(directory, temporaryName), join(directory, name));',
      },
    ],
  },
  {
    name: 'snapshot-not-synced',
    what: 'a snapshot is renamed into place before its bytes are durable (ZOOKEEPER-2872)',
    edits: [
      {
        file: `${STORAGE}/snapshot-file.ts`,
        find: '      await handle.sync();\n    } finally {',
        replace: '    } finally {',
      },
    ],
  },
  {
    name: 'truncation-one-off',
    what: 'TRUNC leaves one transaction too many in the log',
    edits: [
      {
        file: `${STORAGE}/truncation.ts`,
        find: 'const first = records.find((record) => record.zxid > zxid);\n      if (first === undefined) return true;',
        replace:
          'const first = records.find((record) => record.zxid > zxid + 1n);\n      if (first === undefined) return true;',
      },
    ],
  },
  {
    name: 'rot-unnoticed',
    what: 'the checksum of a record is not compared',
    edits: [
      {
        file: 'libs/zookeeper/protocol/src/log/reader.ts',
        find: 'if (actual !== checksum) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'full-disk-swallowed',
    what: 'a write that finds no room is dropped, and the server goes on (ZOOKEEPER-3701)',
    edits: [
      {
        file: `${STORAGE}/log-writer.ts`,
        find: 'this.fail(`writing ${file.path} at byte ${file.position}`, error);\n      return false;',
        replace: '',
      },
    ],
  },
];
