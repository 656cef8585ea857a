/**
 * SCRAM users as `kafka-configs.sh --zookeeper` keeps them: a node each, whose config holds a credential a mechanism.
 * A node gets the ACL of the folder, which a broker with `zookeeper.set.acl` has closed: whoever can write here has to
 * have authenticated as the brokers do. Source: AdminZkClient.changeUserOrUserClientIdConfig, KIP-84.
 */
import { randomBytes } from 'node:crypto';
import {
  CONFIG_CHANGE_PREFIX,
  configPath,
  type Configs,
  decodeConfig,
  desanitize,
  encodeConfig,
  encodeConfigChange,
  encodeCredential,
  isScram,
  sanitize,
  scramCredential,
  type ScramMechanism,
} from '@menagerie/kafka-core';
import { CreateMode, isBadVersion, isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';

import { ConnectorError } from '../errors.js';

const FOLDER = '/config/users';
const SALT_BYTES = 24;
const MAX_TRIES = 20;

export interface ScramUser {
  readonly user: string;
  readonly mechanisms: readonly ScramMechanism[];
}

export class ScramUsers {
  /** @param client authenticated as the brokers are, if they have closed the folder */
  constructor(private readonly client: ZooKeeperClient) {}

  /** Who has a credential, by name. */
  async list(): Promise<readonly ScramUser[]> {
    const { children } = await this.client.getChildren(FOLDER);
    const found = await Promise.all(
      [...children].sort().map(async (node) => {
        const configs = (await this.read(node))?.configs ?? {};
        return { user: desanitize(node), mechanisms: Object.keys(configs).filter(isScram) };
      }),
    );
    return found.filter(({ mechanisms }) => mechanisms.length > 0);
  }

  /** Gives the user a password, or another one. @throws ConnectorError `KAFKA_NOT_WRITTEN`, ZooKeeperError */
  async set(user: string, mechanism: ScramMechanism, password: string): Promise<void> {
    const credential = encodeCredential(scramCredential(mechanism, password, randomBytes(SALT_BYTES)));
    await this.change(user, (configs) => ({ ...configs, [mechanism]: credential }));
  }

  /** Takes the password away; what else is configured for the user stays. @returns false when there was none */
  async remove(user: string, mechanism: ScramMechanism): Promise<boolean> {
    return this.change(user, (configs) => {
      const { [mechanism]: credential, ...rest } = configs;
      return credential === undefined ? null : rest;
    });
  }

  /** Writes on the condition that nobody else did since it was read, and then tells the brokers. */
  private async change(user: string, next: (configs: Configs) => Configs | null): Promise<boolean> {
    const node = sanitize(user);
    const path = configPath('users', node);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.read(node);
      const configs = next(found?.configs ?? {});
      if (configs === null) return false;
      try {
        if (found === null) await this.client.create(path, encodeConfig(configs), { acl: await this.aclOfFolder() });
        else await this.client.setData(path, encodeConfig(configs), { version: found.version });
      } catch (error) {
        if (isBadVersion(error) || isNodeExists(error) || isNoNode(error)) continue;
        throw error;
      }
      const change = encodeConfigChange({ type: 'users', entity: node });
      await this.client.create(CONFIG_CHANGE_PREFIX, change, { mode: CreateMode.persistentSequential });
      return true;
    }
    throw new ConnectorError('KAFKA_NOT_WRITTEN', `${path}: others wrote it ${MAX_TRIES} times in between`, true);
  }

  private async aclOfFolder() {
    return (await this.client.getAcl(FOLDER)).acl;
  }

  private async read(node: string): Promise<{ readonly configs: Configs; readonly version: number } | null> {
    const path = configPath('users', node);
    try {
      const { data, stat } = await this.client.getData(path);
      return { configs: decodeConfig(path, data), version: stat.version };
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }
}
