/** The books of all applications. */
import { Inject, Injectable } from '@nestjs/common';
import { configPaths, PatternError } from '@menagerie/platform-core';
import { SERVICE_CONFIG } from '@menagerie/service';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import type { ConfigCenterConfig } from '../config.js';
import { Access } from './access.js';
import { Book } from './book.js';

@Injectable()
export class Books {
  private readonly access: Access;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) config: ConfigCenterConfig,
  ) {
    this.access = new Access(config.credentials);
  }

  async names(): Promise<readonly string[]> {
    try {
      return [...(await this.client.getChildren(configPaths.center)).children].sort();
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  /** @throws PatternError `CONFIG_NOT_FOUND` */
  async existing(app: string): Promise<Book> {
    if ((await this.client.exists(configPaths.head(app))) === null) {
      throw new PatternError('CONFIG_NOT_FOUND', `expected an application that has published, got "${app}"`);
    }
    return new Book(this.client, this.access, app);
  }

  /** Made when it is missing. */
  async opened(app: string): Promise<Book> {
    await this.client.mkdirp(configPaths.values);
    await this.client.mkdirp(configPaths.center);
    const nodes: readonly (readonly [path: string, data: string])[] = [
      [configPaths.app(app), ''],
      [configPaths.book(app), JSON.stringify({ readers: [] })],
      [configPaths.history(app), ''],
      [configPaths.schemas(app), ''],
      // Last: who sees it may rely on the others.
      [configPaths.head(app), '0'],
    ];
    for (const [path, data] of nodes) {
      try {
        await this.client.create(path, data, { acl: this.access.open });
      } catch (error) {
        if (!isNodeExists(error)) throw error;
      }
    }
    return new Book(this.client, this.access, app);
  }
}
