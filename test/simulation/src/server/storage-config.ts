/** Storage as `zoo.cfg` sets it up, with sizes small enough for a life to see files roll, snapshots and purges. */
import { parseZooCfg, type StorageConfig } from '@menagerie/ensemble';

/** The zoo.cfg of a server of its own; parsed once, its paths replaced. */
const defaults = parseZooCfg('dataDir=/simulated\nclientPort=1\n', null).storage;

const SMALL: Partial<StorageConfig> = {
  preAllocBytes: 8 * 1024,
  snapCount: 120,
  snapSizeLimitBytes: 0,
  txnLogSizeLimitBytes: 24 * 1024,
  snapRetainCount: 3,
  // A disk that was replaced must not vote as if it had promised nothing.
  dbAutocreate: false,
};

export const storageConfigOf = (root: string, readsLogBack: boolean): StorageConfig => ({
  ...defaults,
  ...SMALL,
  snapshotSizeFactor: readsLogBack ? defaults.snapshotSizeFactor : 0,
  dataDir: root,
  dataLogDir: root,
});
