/**
 * A network of its own for an ensemble: each server in a namespace with its own address, all on one bridge, where any
 * server can be made deaf to any other. What is dropped is dropped silently, as by a cable that was pulled; a closed
 * connection would tell the other side at once.
 *
 *   this process 10.x.y.1 --- bridge --- server 1: 10.x.y.11, server 2: 10.x.y.12, ...
 */
import { readFileSync, readdirSync } from 'node:fs';
import type { Command } from '@menagerie/zookeeper-testing';
import { command, commandNow, has, isRoot } from './command.js';

const PREFIX = 'mnag';
const TABLE = 'chaos';

/** Empty if networks can be made here, else why not. */
export function whyNoNetwork(): string {
  if (!isRoot()) return 'only root may make network namespaces';
  for (const program of ['ip', 'nft', 'nsenter']) if (!has(program)) return `${program} is not installed`;
  return '';
}

export class Network {
  private readonly bridge: string;
  private constructor(
    private readonly name: string,
    private readonly subnet: string,
    private readonly ids: readonly number[],
  ) {
    this.bridge = `${name}br`;
  }

  static async create(ids: readonly number[]): Promise<Network> {
    removeLeftovers();
    // One process has one number, so that two soaks beside each other keep apart.
    const number = process.pid % 62_500;
    const network = new Network(`${PREFIX}${process.pid}`, `10.${5 + Math.floor(number / 250)}.${number % 250}`, ids);
    process.once('exit', network.removeNow);
    await network.build();
    return network;
  }

  address(id: number): string {
    return `${this.subnet}.${10 + id}`;
  }

  /** The command, run where the server lives. */
  inside(id: number, { file, args, cwd }: Command): Command {
    return { file: 'nsenter', args: [`--net=/run/netns/${this.namespace(id)}`, file, ...args], cwd };
  }

  /** `deaf` hears nothing of what `speaker` sends, from now on. */
  async deafen(deaf: number, speaker: number): Promise<void> {
    await this.nft(deaf, `add element ip ${TABLE} unheard { ${this.address(speaker)} }`);
  }

  /** Everybody hears everybody. */
  async heal(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.nft(id, `flush set ip ${TABLE} unheard`)));
  }

  remove(): void {
    process.off('exit', this.removeNow);
    this.removeNow();
  }

  private readonly removeNow = (): void => {
    for (const id of this.ids) commandNow('ip', 'netns', 'del', this.namespace(id));
    commandNow('ip', 'link', 'del', this.bridge);
  };

  private async build(): Promise<void> {
    await command('ip', 'link', 'add', this.bridge, 'type', 'bridge');
    await command('ip', 'addr', 'add', `${this.subnet}.1/24`, 'dev', this.bridge);
    await command('ip', 'link', 'set', this.bridge, 'up');
    for (const id of this.ids) await this.addServer(id);
  }

  private async addServer(id: number): Promise<void> {
    const namespace = this.namespace(id);
    const outside = `${this.name}v${id}`;
    const inside = (...args: string[]) => command('ip', '-n', namespace, ...args);
    await command('ip', 'netns', 'add', namespace);
    await command('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await command('ip', 'link', 'set', outside, 'master', this.bridge, 'up');
    await inside('addr', 'add', `${this.address(id)}/24`, 'dev', 'eth0');
    await inside('link', 'set', 'eth0', 'up');
    await inside('link', 'set', 'lo', 'up');
    for (const rule of [
      `add table ip ${TABLE}`,
      `add set ip ${TABLE} unheard { type ipv4_addr; }`,
      `add chain ip ${TABLE} incoming { type filter hook input priority 0; }`,
      `add rule ip ${TABLE} incoming ip saddr @unheard drop`,
    ]) {
      await this.nft(id, rule);
    }
  }

  private async nft(id: number, rule: string): Promise<void> {
    await command('nsenter', `--net=/run/netns/${this.namespace(id)}`, 'nft', rule);
  }

  private namespace(id: number): string {
    return `${this.name}n${id}`;
  }
}

/** What a run that was killed with -9 left behind: named by a process that is no more. */
function removeLeftovers(): void {
  const isAlive = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8') !== '';
    } catch {
      return false;
    }
  };
  const left = (names: readonly string[]): string[] =>
    names.filter((name) => {
      const pid = new RegExp(`^${PREFIX}(\\d+)(?:n\\d+|br)$`).exec(name)?.[1];
      return pid !== undefined && !isAlive(pid);
    });
  const list = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  for (const name of left(list('/run/netns'))) commandNow('ip', 'netns', 'del', name);
  for (const name of left(list('/sys/class/net'))) commandNow('ip', 'link', 'del', name);
}
