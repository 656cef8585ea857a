/**
 * Changes of domains: each a read, a pure change of the list, and a write of the version that was read. Two providers that
 * register at the same moment are both in the list.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  ddnsPaths,
  listOf,
  MAX_ADDRESSES,
  type Overrides,
  PatternError,
  readOverrides,
  textOf,
} from '@menagerie/platform-core';
import { isBadVersion, isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';

const MAX_TRIES = 200;

@Injectable()
export class Domains {
  constructor(@Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient) {}

  /**
   * Adds an address to a domain, which is made, and becomes the application's, when nobody has it.
   * @throws PatternError `DDNS_NOT_OWNER`, `DDNS_BAD_ADDRESS` for one address too many
   */
  async add(app: string, domain: string, address: string): Promise<void> {
    const owner = await this.ownerOf(domain);
    if (owner === null) await this.found(app, domain);
    else if (owner !== app) {
      throw new PatternError('DDNS_NOT_OWNER', `expected a domain of ${app}, and ${domain} belongs to ${owner}`);
    }
    await this.change(domain, (list) => {
      if (list.includes(address)) return null;
      if (list.length < MAX_ADDRESSES) return [...list, address];
      throw new PatternError('DDNS_BAD_ADDRESS', `${domain}: expected at most ${MAX_ADDRESSES} addresses`);
    });
  }

  /** @throws PatternError `DDNS_UNKNOWN_NAME` */
  async remove(domain: string, address: string): Promise<void> {
    await this.change(domain, (list) => (list.includes(address) ? list.filter((each) => each !== address) : null));
  }

  /** As `remove`, but leaves the last one: an empty list helps nobody. @returns whether it went */
  async removeUnlastly(domain: string, address: string): Promise<boolean> {
    let isGone = false;
    await this.change(domain, (list) => {
      isGone = list.includes(address) && list.length > 1;
      return isGone ? list.filter((each) => each !== address) : null;
    });
    return isGone;
  }

  /** What the Controller says of a domain. @throws PatternError `DDNS_UNKNOWN_NAME` */
  async override(domain: string, change: (overrides: Overrides) => Overrides): Promise<Overrides> {
    const path = ddnsPaths.overrides(await this.existing(domain), domain);
    for (let tries = 1; ; tries += 1) {
      try {
        const { data, stat } = await this.client.getData(path);
        const changed = change(readOverrides(data.toString()));
        await this.client.setData(path, JSON.stringify(changed), { version: stat.version });
        return changed;
      } catch (error) {
        if (isNoNode(error)) await this.client.mkdirp(path);
        else if (!isBadVersion(error) || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** The application whose domain it is, null when nobody's. */
  async ownerOf(domain: string): Promise<string | null> {
    try {
      return (await this.client.getData(ddnsPaths.owner(domain))).data.toString();
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  private async existing(domain: string): Promise<string> {
    const owner = await this.ownerOf(domain);
    if (owner !== null) return owner;
    throw new PatternError('DDNS_UNKNOWN_NAME', `expected a name that is registered, got "${domain}"`);
  }

  /** Owner and domain in one transaction: of two applications that want the same name, one gets it. */
  private async found(app: string, domain: string): Promise<void> {
    await this.client.mkdirp(ddnsPaths.owners);
    await this.client.mkdirp(ddnsPaths.app(app));
    try {
      await this.client.multi([
        { kind: 'create', path: ddnsPaths.owner(domain), data: app },
        { kind: 'create', path: ddnsPaths.domain(app, domain), data: '' },
      ]);
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      const owner = await this.ownerOf(domain);
      if (owner === app) return;
      throw new PatternError('DDNS_NOT_OWNER', `expected a domain of ${app}, and ${domain} belongs to ${owner}`);
    }
  }

  private async change(domain: string, next: (list: readonly string[]) => readonly string[] | null): Promise<void> {
    const path = ddnsPaths.domain(await this.existing(domain), domain);
    for (let tries = 1; ; tries += 1) {
      const { data, stat } = await this.client.getData(path);
      const list = next(listOf(data.toString()));
      if (list === null) return;
      try {
        await this.client.setData(path, textOf(list), { version: stat.version });
        return;
      } catch (error) {
        if (!isBadVersion(error) || tries === MAX_TRIES) throw error;
      }
    }
  }
}
