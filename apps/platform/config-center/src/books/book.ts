/**
 * An application's configuration and its history.
 *
 * One transaction makes a revision: the values, the entry in the history and the head, or nothing. Two who publish at the
 * same time race for the version of the head; the schemas a document was held against are checked in it too. So what
 * followers see, what the audit says and what the schema allows are never three different things.
 */
import {
  type Change,
  changesBetween,
  compileSchema,
  configPaths,
  diffTrees,
  type Difference,
  PatternError,
  type Revision,
  type Tree,
  treeAt,
  validateDocument,
} from '@menagerie/platform-core';
import {
  isBadVersion,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  type MultiOp,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import type { Access } from './access.js';

/** Older revisions are folded into the first that is kept. */
const KEPT_REVISIONS = 100;
/** The fold and the changes go into one transaction, which a server takes up to 1 MiB. */
const MAX_TREE_BYTES = 384 * 1024;
const MAX_TRIES = 20;

export interface Order {
  readonly by: string;
  readonly comment: string;
  /** Refuse when somebody published since. */
  readonly expected?: number | undefined;
}

interface State {
  readonly headVersion: number;
  readonly history: readonly Revision[];
  readonly tree: Tree;
}

export class Book {
  constructor(
    private readonly client: ZooKeeperClient,
    private readonly access: Access,
    readonly app: string,
  ) {}

  async history(): Promise<readonly Revision[]> {
    return (await this.state()).history;
  }

  async tree(): Promise<Tree> {
    return (await this.state()).tree;
  }

  /** What differs between two revisions. @throws PatternError `CONFIG_NOT_FOUND` */
  async diff(from: number, to: number): Promise<readonly Difference[]> {
    const { history } = await this.state();
    return diffTrees(treeAt(history, from), treeAt(history, to));
  }

  /** What publishing would change, and nothing is. @throws PatternError `CONFIG_INVALID` */
  async check(changes: readonly Change[]): Promise<readonly Difference[]> {
    const { tree } = await this.state();
    const wanted = this.wanted(tree, changes);
    await this.schemasFor(changes);
    return diffTrees(tree, wanted);
  }

  /** @throws PatternError `CONFIG_INVALID`, `CONFIG_CONFLICT`: nothing has changed then */
  publish(changes: readonly Change[], order: Order): Promise<Revision> {
    return this.revise(order, () => changes);
  }

  /** Publishes what stood at a revision. @throws PatternError as `publish`, and `CONFIG_NOT_FOUND` */
  rollback(to: number, order: Order): Promise<Revision> {
    return this.revise(order, ({ history, tree }) => changesBetween(tree, treeAt(history, to)));
  }

  /** @throws PatternError `CONFIG_INVALID` for what is no schema, or one that refuses what stands */
  async setSchema(key: string, schema: string): Promise<void> {
    compileSchema(key, schema);
    const text = (await this.tree()).get(key)?.text;
    if (typeof text === 'string') validateDocument(key, text, schema);
    const path = configPaths.schema(this.app, key);
    try {
      await this.client.create(path, schema, { acl: this.access.open });
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      await this.client.setData(path, schema);
    }
  }

  /** Who may read the secrets, besides the centers: those there are, and those to come. */
  async setReaders(readers: readonly string[]): Promise<void> {
    await this.client.setData(configPaths.book(this.app), JSON.stringify({ readers }));
    for (const { key, isSecret } of (await this.tree()).values()) {
      if (isSecret) await this.client.setAcl(configPaths.value(this.app, key), this.access.secret(readers));
    }
  }

  private async revise(order: Order, decide: (state: State) => readonly Change[]): Promise<Revision> {
    for (let tries = 1; ; tries += 1) {
      const state = await this.state();
      const latest = state.history.at(-1)?.number ?? 0;
      if (order.expected !== undefined && order.expected !== latest) {
        const message = `${this.app}: expected revision ${order.expected}, and ${latest} was published since`;
        throw new PatternError('CONFIG_CONFLICT', message, true);
      }
      const changes = decide(state);
      if (changes.length === 0) {
        throw new PatternError('CONFIG_INVALID', `${this.app}: expected a change, and everything stands so already`);
      }
      const { by, comment } = order;
      const revision: Revision = { number: latest + 1, atMs: Date.now(), by, comment, changes };
      const operations = await this.operations(state, revision);
      try {
        await this.client.multi(operations);
        return revision;
      } catch (error) {
        // Our own revision, when the answer was lost: its number is known to nobody else.
        if (isMaybeDone(error) && (await this.isPublished(revision))) return revision;
        const lostRace = isBadVersion(error) || isNodeExists(error) || isNoNode(error) || isMaybeDone(error);
        if (!lostRace || tries === MAX_TRIES) throw error;
      }
    }
  }

  private async operations(state: State, revision: Revision): Promise<readonly MultiOp[]> {
    const { app } = this;
    const { history, tree, headVersion } = state;
    this.wanted(tree, revision.changes);
    const checks = await this.schemasFor(revision.changes);
    const acl = this.access.secret(await this.readers());
    return [
      { kind: 'set-data', path: configPaths.head(app), data: String(revision.number), version: headVersion },
      ...checks,
      ...revision.changes.map(({ key, text, isSecret }): MultiOp => {
        const path = configPaths.value(app, key);
        if (text === null) return { kind: 'delete', path };
        if (tree.has(key)) return { kind: 'set-data', path, data: text };
        return { kind: 'create', path, data: text, acl: isSecret ? acl : this.access.open };
      }),
      // The history has secrets in it: for centers only.
      {
        kind: 'create',
        path: configPaths.revision(app, revision.number),
        data: JSON.stringify(revision),
        acl: this.access.own,
      },
      ...this.fold(history),
    ];
  }

  private fold(history: readonly Revision[]): readonly MultiOp[] {
    const [first, second] = history;
    if (history.length < KEPT_REVISIONS || first === undefined || second === undefined) return [];
    const folded: Revision = { ...second, changes: [...treeAt(history, second.number).values()] };
    return [
      { kind: 'delete', path: configPaths.revision(this.app, first.number) },
      { kind: 'set-data', path: configPaths.revision(this.app, second.number), data: JSON.stringify(folded) },
    ];
  }

  /** The tree with the changes. @throws PatternError `CONFIG_INVALID` when it cannot be so */
  private wanted(tree: Tree, changes: readonly Change[]): Tree {
    const wanted = new Map(tree);
    for (const change of changes) {
      const { key, text, isSecret } = change;
      const before = tree.get(key);
      if (text === null && before === undefined) {
        throw new PatternError('CONFIG_INVALID', `${key}: expected a key that is there, to take it away`);
      }
      if (before !== undefined && before.isSecret !== isSecret) {
        const is = before.isSecret ? 'a secret' : 'no secret';
        throw new PatternError('CONFIG_INVALID', `${key}: is ${is}, and stays so until it is taken away`);
      }
      if (text === null) wanted.delete(key);
      else wanted.set(key, change);
    }
    const bytes = [...wanted.values()].reduce((sum, { text }) => sum + Buffer.byteLength(text ?? ''), 0);
    if (bytes > MAX_TREE_BYTES) {
      const message = `${this.app}: expected at most ${MAX_TREE_BYTES} bytes of configuration, got ${bytes}`;
      throw new PatternError('CONFIG_INVALID', message);
    }
    return wanted;
  }

  /** Holds each document against its schema. @returns checks that the schemas are still the same */
  private async schemasFor(changes: readonly Change[]): Promise<readonly MultiOp[]> {
    const checks: MultiOp[] = [];
    for (const { key, text } of changes) {
      if (text === null) continue;
      const path = configPaths.schema(this.app, key);
      try {
        const { data, stat } = await this.client.getData(path);
        validateDocument(key, text, data.toString());
        checks.push({ kind: 'check', path, version: stat.version });
      } catch (error) {
        if (!isNoNode(error)) throw error;
        validateDocument(key, text, null);
      }
    }
    return checks;
  }

  private async readers(): Promise<readonly string[]> {
    const { data } = await this.client.getData(configPaths.book(this.app));
    return (JSON.parse(data.toString()) as { readers: readonly string[] }).readers;
  }

  private async state(): Promise<State> {
    for (let tries = 1; ; tries += 1) {
      const before = await this.client.getData(configPaths.head(this.app));
      const { children } = await this.client.getChildren(configPaths.history(this.app));
      const numbers = children.map(Number).sort((a, b) => a - b);
      try {
        const history = await Promise.all(
          numbers.map(async (number) => {
            const { data } = await this.client.getData(configPaths.revision(this.app, number));
            return JSON.parse(data.toString()) as Revision;
          }),
        );
        const head = Number(before.data.toString());
        // Somebody published while we read: read again, or the tree would be of another moment than the head.
        if ((history.at(-1)?.number ?? 0) === head) {
          return { headVersion: before.stat.version, history, tree: treeAt(history, head) };
        }
      } catch (error) {
        if (!isNoNode(error)) throw error;
      }
      if (tries === MAX_TRIES) {
        throw new PatternError('CONFIG_CONFLICT', `${this.app}: its history changes faster than it is read`, true);
      }
      await this.client.sync(configPaths.head(this.app));
    }
  }

  private async isPublished(revision: Revision): Promise<boolean> {
    const path = configPaths.revision(this.app, revision.number);
    try {
      await this.client.sync(path);
      return (await this.client.getData(path)).data.toString() === JSON.stringify(revision);
    } catch (error) {
      if (isNoNode(error)) return false;
      throw error;
    }
  }
}
