/**
 * The znodes of the state store, where ZKRMStateStore (layout 1.5) has them.
 *
 * Applications can be split over two levels (`yarn.resourcemanager.zk-appid-node.split-index`): with tens of thousands
 * of them in one directory, the list of its children would no longer fit into one answer (YARN-2962).
 */
import { YarnRequestError } from '@menagerie/yarn-protocol';

/** How many characters of an application id go into the second level; 0 keeps all in one directory. */
export type SplitIndex = 0 | 1 | 2 | 3 | 4;
export const SPLIT_INDEXES: readonly SplitIndex[] = [0, 1, 2, 3, 4];

/** `yarn.resourcemanager.zk-state-store.parent-path`. */
export const DEFAULT_STORE_PARENT = '/rmstore';

const APPLICATION_PREFIX = 'application_';
const ATTEMPT_PREFIX = 'appattempt_';

export class StoreLayout {
  readonly root: string;
  /** Exists only inside a transaction: creating and deleting it needs the rights which only the active has. */
  readonly fencingLock: string;
  readonly version: string;
  readonly epoch: string;
  readonly applications: string;
  /** Holds the key of the masters' tokens in its own data. */
  readonly masterTokens: string;

  constructor(
    readonly parent: string = DEFAULT_STORE_PARENT,
    private readonly splitIndex: SplitIndex = 0,
  ) {
    if (!/^(\/[^/\s]+)+$/.test(parent)) {
      throw new YarnRequestError('YARN_INVALID_REQUEST', `state store: expected a path like /rmstore, got ${parent}`);
    }
    this.root = `${parent}/ZKRMStateRoot`;
    this.fencingLock = `${this.root}/RM_ZK_FENCING_LOCK`;
    this.version = `${this.root}/RMVersionNode`;
    this.epoch = `${this.root}/EpochNode`;
    this.applications = `${this.root}/RMAppRoot`;
    this.masterTokens = `${this.root}/AMRMTokenSecretManagerRoot`;
  }

  /** Directories that an active makes under the root when it starts, parents first. */
  get directories(): readonly string[] {
    const tokens = `${this.root}/RMDTSecretManagerRoot`;
    const splits = SPLIT_INDEXES.filter((index) => index > 0);
    return [
      this.applications,
      `${this.applications}/HIERARCHIES`,
      ...splits.map((index) => this.applicationDirectory(index)),
      tokens,
      `${tokens}/RMDTMasterKeysRoot`,
      `${tokens}/RMDelegationTokensRoot`,
      ...splits.map((index) => `${tokens}/RMDelegationTokensRoot/${index}`),
      `${tokens}/RMDTSequentialNumber`,
      this.masterTokens,
      `${this.root}/ReservationSystemRoot`,
      `${this.root}/ProxyCARoot`,
    ];
  }

  /** The directory of applications that were stored with this split. */
  applicationDirectory(split: SplitIndex): string {
    return split === 0 ? this.applications : `${this.applications}/HIERARCHIES/${split}`;
  }

  /** Where a new application goes. `directory` is the first of the two levels, which may have to be made. */
  application(applicationId: string): { readonly path: string; readonly directory: string | null } {
    if (this.splitIndex === 0) return { path: `${this.applications}/${applicationId}`, directory: null };
    const cut = applicationId.length - this.splitIndex;
    const directory = `${this.applicationDirectory(this.splitIndex)}/${applicationId.slice(0, cut)}`;
    return { path: `${directory}/${applicationId.slice(cut)}`, directory };
  }

  static attempt(applicationPath: string, attemptId: string): string {
    return `${applicationPath}/${attemptId}`;
  }

  /** Children of an application directory that are applications (or, split, their first level). */
  static applicationNames(children: readonly string[]): readonly string[] {
    return children.filter((name) => name.startsWith(APPLICATION_PREFIX)).sort();
  }

  static attemptNames(children: readonly string[]): readonly string[] {
    return children.filter((name) => name.startsWith(ATTEMPT_PREFIX)).sort();
  }
}
