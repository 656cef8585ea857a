/** The rules in ZooKeeper, kept in memory and followed, and the decision for each access (AclAuthorizer.scala). */
import {
  type Access,
  ACL_PATTERNS,
  type AclBinding,
  aclChangePrefix,
  aclChanges,
  type AclFilter,
  aclPath,
  aclRoot,
  decide,
  decodeRules,
  encodeAclChange,
  encodeRules,
  matches,
  RESOURCE_TYPES,
  type ResourcePattern,
} from '@menagerie/kafka-core';
import type { Logger } from '@menagerie/service';
import { CreateMode, isBadVersion, isNodeExists, isNoNode } from '@menagerie/zookeeper-client';

import type { KafkaZk } from '../zookeeper/kafka-zk.js';

const MAX_CAS_TRIES = 50;
/** Of one resource; a stranger's node can not hold more than a request to ZooKeeper anyway. */
const MAX_RULES = 5_000;

export interface AuthorizerSettings {
  readonly superUsers: readonly string[];
  readonly allowEveryoneIfNoAclFound: boolean;
}

export class Authorizer {
  private bindings: readonly AclBinding[] = [];
  private readonly stopping = new AbortController();
  private following: readonly Promise<void>[] = [];

  constructor(
    private readonly zk: KafkaZk,
    private readonly settings: AuthorizerSettings,
    private readonly logger: Logger,
  ) {}

  /** Makes Kafka's folders, reads all rules and follows their changes. */
  async start(): Promise<void> {
    const types = ACL_PATTERNS.flatMap((pattern) => RESOURCE_TYPES.map((type) => `${aclRoot(pattern)}/${type}`));
    for (const path of [...types, ...ACL_PATTERNS.map(aclChanges)]) await this.zk.client.mkdirp(path);
    await this.load();
    this.following = ACL_PATTERNS.map((pattern) =>
      this.follow(aclChanges(pattern)).catch((error: unknown) =>
        this.logger.error({ err: error }, 'rules not followed'),
      ),
    );
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.following);
  }

  may(access: Access): boolean {
    if (this.settings.superUsers.includes(access.principal)) return true;
    return decide(this.bindings, access) ?? this.settings.allowEveryoneIfNoAclFound;
  }

  find(filter: AclFilter): readonly AclBinding[] {
    return this.bindings.filter((binding) => matches(filter, binding));
  }

  /** Adds what is not there yet. */
  async add(bindings: readonly AclBinding[]): Promise<void> {
    for (const binding of bindings) {
      await this.change(binding, (rules) => (rules.some((each) => same(each, binding)) ? rules : [...rules, binding]));
    }
    await this.load();
  }

  /** @returns those that are gone now */
  async remove(filter: AclFilter): Promise<readonly AclBinding[]> {
    await this.load();
    const found = this.find(filter);
    for (const binding of found) {
      await this.change(binding, (rules) => rules.filter((each) => !same(each, binding)));
    }
    await this.load();
    return found;
  }

  /** Everything anew: rules are few and change seldom. */
  private async load(): Promise<void> {
    const bindings: AclBinding[] = [];
    for (const pattern of ACL_PATTERNS) {
      for (const type of RESOURCE_TYPES) {
        for (const name of await this.zk.children(`${aclRoot(pattern)}/${type}`)) {
          const resource: ResourcePattern = { type, name, pattern };
          const path = aclPath(resource);
          const found = await this.zk.dataOrNull(path);
          if (found !== null) bindings.push(...decodeRules(path, found.data).map((rule) => ({ ...resource, ...rule })));
        }
      }
    }
    this.bindings = bindings;
  }

  private async follow(path: string): Promise<void> {
    for await (const _ of this.zk.client.watch(path, { kind: 'children', signal: this.stopping.signal })) {
      // A rule that cannot be read leaves those of before in force.
      await this.load().catch((error: unknown) => this.logger.error({ err: error }, 'rules could not be read'));
    }
  }

  /** Writes the rules of a resource on the condition that nobody else did since, then tells all brokers. */
  private async change(
    resource: ResourcePattern,
    next: (rules: readonly AclBinding[]) => readonly AclBinding[],
  ): Promise<void> {
    const path = aclPath(resource);
    for (let tries = 0; tries < MAX_CAS_TRIES; tries++) {
      const found = await this.zk.dataOrNull(path);
      const before = found === null ? [] : decodeRules(path, found.data).map((rule) => ({ ...resource, ...rule }));
      const after = next(before);
      if (after.length > MAX_RULES) throw new RangeError(`expected at most ${MAX_RULES} rules of ${path}`);
      if (after === before || (after.length === 0 && found === null)) return;
      try {
        if (after.length === 0) await this.zk.client.delete(path, { version: found!.stat.version });
        else if (found === null) await this.zk.client.create(path, encodeRules(after));
        else await this.zk.client.setData(path, encodeRules(after), { version: found.stat.version });
        const mode = CreateMode.persistentSequential;
        await this.zk.client.create(aclChangePrefix(resource.pattern), encodeAclChange(resource), { mode });
        return;
      } catch (error) {
        if (!isBadVersion(error) && !isNodeExists(error) && !isNoNode(error)) throw error;
      }
    }
    throw new Error(`${path}: lost against others ${MAX_CAS_TRIES} times`);
  }
}

const same = (a: AclBinding, b: AclBinding): boolean =>
  a.principal === b.principal && a.host === b.host && a.operation === b.operation && a.permission === b.permission;
