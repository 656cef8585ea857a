/**
 * Providers of an interface by way of applications: the mapping says which, each application's list says where, the
 * metadata of a revision says what. Read once for each revision, however many instances have it.
 */
import { type DubboPaths, type DubboUrl, instancesPath, isDubboError, nameOf } from '@menagerie/dubbo-url';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Followed } from '../followed.js';
import { decodeInstance, decodeMetadata, type Metadata, urlsOf } from './instance.js';

export interface DiscoveryOptions {
  readonly client: ZooKeeperClient;
  readonly paths: DubboPaths;
  readonly serviceInterface: string;
  readonly coalesceMs: number;
  /** Names as they would stand in the interface's own list, of all applications; after the first time. */
  readonly onNames: (names: readonly string[]) => void;
  readonly onProblem: (error: unknown) => void;
  /** It has ended, and has to be begun anew. */
  readonly onFailure: (error: unknown) => void;
}

const MAX_APPLICATIONS = 100;
const MAX_INSTANCES = 10_000;
const MAX_REVISIONS = 1_000;

/** Stands in for the interface's own list (`Followed`): whoever follows it sees no difference. */
export class Discovery {
  /** Resolves when all applications that provide it have been read. */
  readonly first: Promise<void>;
  current: readonly string[] = [];
  private settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  private readonly stop = new AbortController();
  private readonly applications = new Map<string, Followed>();
  private readonly urls = new Map<string, readonly DubboUrl[]>();
  private readonly revisions = new Map<string, Metadata>();
  private readonly done: Promise<void>;

  constructor(private readonly options: DiscoveryOptions) {
    this.first = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.first.catch(() => undefined);
    this.done = this.run().catch((error: unknown) => this.fail(error));
  }

  async close(): Promise<void> {
    this.stop.abort();
    await Promise.all([...this.applications.values()].map((one) => one.close()));
    await this.done;
  }

  private async run(): Promise<void> {
    const { client, paths, serviceInterface } = this.options;
    const mapping = client.watch(paths.mapping(serviceInterface), { kind: 'data', signal: this.stop.signal });
    for await (const { data } of mapping) {
      const names = (data?.toString() ?? '').split(',').filter((name) => /^[\w.-]{1,200}$/.test(name));
      await this.follow(new Set(names.slice(0, MAX_APPLICATIONS)));
    }
  }

  private async follow(names: ReadonlySet<string>): Promise<void> {
    const { client, coalesceMs } = this.options;
    for (const [name, followed] of this.applications) {
      if (names.has(name)) continue;
      this.applications.delete(name);
      this.urls.delete(name);
      await followed.close();
    }
    for (const name of names) {
      if (this.applications.has(name)) continue;
      const followed = new Followed({
        client,
        path: instancesPath(name),
        coalesceMs,
        onNames: (ids) => {
          this.read(name, ids).then(
            () => this.tell(),
            (error: unknown) => this.fail(error),
          );
        },
        onFailure: (error) => this.fail(error),
      });
      this.applications.set(name, followed);
      await followed.first;
      await this.read(name, followed.current);
    }
    this.tell();
  }

  private async read(application: string, ids: readonly string[]): Promise<void> {
    const { client, onProblem } = this.options;
    const found = await Promise.all(
      ids.slice(0, MAX_INSTANCES).map(async (id) => {
        try {
          const { data } = await client.getData(`${instancesPath(application)}/${id}`);
          const instance = decodeInstance(data.toString());
          return urlsOf(instance, await this.metadata(application, instance.revision));
        } catch (error) {
          // Gone between the list and the reading; or one that makes no sense, which costs nobody but itself.
          if (isDubboError(error)) onProblem(error);
          else if (!isNoNode(error)) throw error;
          return [];
        }
      }),
    );
    // A later list has been read meanwhile, or the application is not of interest any more.
    if (this.stop.signal.aborted || this.applications.get(application)?.current !== ids) return;
    this.urls.set(application, found.flat());
  }

  private async metadata(application: string, revision: string): Promise<Metadata> {
    const { client, paths } = this.options;
    const path = paths.metadata(application, revision);
    const known = this.revisions.get(path);
    if (known !== undefined) return known;
    const metadata = decodeMetadata((await client.getData(path)).data.toString());
    if (this.revisions.size >= MAX_REVISIONS) this.revisions.clear();
    this.revisions.set(path, metadata);
    return metadata;
  }

  private tell(): void {
    const { onNames, serviceInterface } = this.options;
    const offered = [...this.urls.values()].flat().filter((url) => url.serviceInterface === serviceInterface);
    this.current = offered.map(nameOf).sort();
    // The first reading is told by whoever waits for it, all categories together.
    if (this.settle === null) return onNames(this.current);
    this.settle.resolve();
    this.settle = null;
  }

  private fail(error: unknown): void {
    if (this.stop.signal.aborted) return;
    this.stop.abort();
    this.settle?.reject(error);
    this.options.onFailure(error);
  }
}
