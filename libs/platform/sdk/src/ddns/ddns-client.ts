/**
 * Names to addresses inside an application: the node itself is read and followed, so there is no resolver in between and no
 * TTL to wait for. What was known last is on disk: an application resolves while there is no ensemble, and says so.
 *
 * A table that holds somebody is not replaced by an empty one, unless the Controller has closed the name. An address that
 * did not answer is given last for a while; the next one is tried at once.
 */
import {
  chooseTarget,
  ddnsPaths,
  domainOf,
  type Overrides,
  PatternError,
  readOverrides,
  type Target,
  targetsOf,
} from '@menagerie/platform-core';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { NodeCache } from '@menagerie/zookeeper-recipes';
import { LastGood } from '../disk/last-good.js';

export interface DdnsClientOptions {
  /** For the last known tables. */
  readonly folder: string;
  /** How long an address that did not answer comes last; default 5000. */
  readonly demotionMs?: number;
  readonly random?: () => number;
}

export interface Table {
  readonly targets: readonly Target[];
  /** From the disk, or from a connection that is gone: it may be old. */
  readonly isStale: boolean;
}

interface Followed {
  readonly list: NodeCache;
  readonly overrides: NodeCache;
  targets: readonly Target[];
  isFromDisk: boolean;
}

/** Each costs two watches. */
const MAX_NAMES = 1_000;
const FIRST_READ_MS = 2_000;

export class DdnsClient implements AsyncDisposable {
  /** Invariant: at most `MAX_NAMES`. */
  private readonly names = new Map<string, Promise<Followed>>();
  private readonly demoted = new Map<string, number>();
  private readonly disk: LastGood;

  /** @param client null when there is no ensemble at the start: then what is on disk is all there is */
  constructor(
    private readonly client: ZooKeeperClient | null,
    private readonly options: DdnsClientOptions,
  ) {
    this.disk = new LastGood(options.folder);
  }

  /** @throws PatternError `DDNS_UNKNOWN_NAME`, `DDNS_NO_ADDRESS` */
  async resolve(name: string): Promise<string> {
    const { targets } = await this.table(name);
    const now = performance.now();
    const well = targets.filter(({ address }) => (this.demoted.get(address) ?? 0) <= now);
    const chosen = chooseTarget(well.length > 0 ? well : targets, (this.options.random ?? Math.random)());
    if (chosen !== null) return chosen.address;
    throw new PatternError('DDNS_NO_ADDRESS', `${name}: nobody is to be given at the moment`, true);
  }

  /** @throws PatternError `DDNS_UNKNOWN_NAME` */
  async table(name: string): Promise<Table> {
    const domain = domainOf(name);
    if (domain === null) throw unknown(name);
    if (this.client === null) return { targets: this.kept(domain, name), isStale: true };
    let followed = this.names.get(domain);
    if (followed === undefined) {
      if (this.names.size >= MAX_NAMES) {
        throw new PatternError('PATTERN_BAD_REQUEST', `expected at most ${MAX_NAMES} names`);
      }
      followed = this.follow(this.client, domain);
      this.names.set(domain, followed);
      followed.catch(() => this.names.delete(domain));
    }
    try {
      const { targets, isFromDisk, list } = await followed;
      return { targets, isStale: isFromDisk || !list.isFresh };
    } catch (error) {
      if (error instanceof PatternError) throw error;
      return { targets: this.kept(domain, name), isStale: true };
    }
  }

  /** It did not answer: the others come first for a while. */
  noteFailure(address: string): void {
    const now = performance.now();
    for (const [each, untilMs] of this.demoted) if (untilMs <= now) this.demoted.delete(each);
    this.demoted.set(address, now + (this.options.demotionMs ?? 5_000));
  }

  async close(): Promise<void> {
    for (const following of this.names.values()) {
      const followed = await following.catch(() => null);
      await followed?.list.close();
      await followed?.overrides.close();
    }
    this.names.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async follow(client: ZooKeeperClient, domain: string): Promise<Followed> {
    const signal = AbortSignal.timeout(FIRST_READ_MS);
    const app = await client.getData(ddnsPaths.owner(domain), { signal }).catch((error: unknown) => {
      if (isNoNode(error)) throw unknown(domain);
      throw error;
    });
    const owner = app.data.toString();
    const apply = () => this.apply(domain, followed);
    const onEvent = { onEvent: apply };
    const followed: Followed = {
      list: new NodeCache(client, ddnsPaths.domain(owner, domain), onEvent),
      overrides: new NodeCache(client, ddnsPaths.overrides(owner, domain), onEvent),
      targets: [],
      isFromDisk: false,
    };
    await Promise.all([followed.list.start(), followed.overrides.start()]);
    apply();
    return followed;
  }

  private apply(domain: string, followed: Followed): void {
    const overrides: Overrides = readOverrides(followed.overrides.current?.data.toString() ?? '');
    const targets = targetsOf(followed.list.current?.data.toString() ?? '', overrides);
    if (targets.length === 0 && followed.targets.length > 0 && !overrides.closed) return;
    followed.targets = targets;
    followed.isFromDisk = false;
    if (targets.length > 0) this.disk.keep(domain, JSON.stringify(targets), Date.now());
  }

  private kept(domain: string, name: string): readonly Target[] {
    const kept = this.disk.find(domain);
    if (kept === null) throw unknown(name);
    return JSON.parse(kept.text) as readonly Target[];
  }
}

const unknown = (name: string): PatternError =>
  new PatternError('DDNS_UNKNOWN_NAME', `expected a name that is registered, got "${name.slice(0, 200)}"`);
