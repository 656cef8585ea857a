/**
 * The members as files beside zoo.cfg, by Apache's names, so that a server knows them after a crash and either kind of
 * server can start on what the other left:
 *
 *   zoo.cfg.dynamic.next       proposed, perhaps never committed; with its version as a line
 *   zoo.cfg.dynamic.<version>  committed; the version in hex is in the name only
 *   zoo.cfg                    names the latter (dynamicConfigFile) and has no lines about members any more
 *   zoo.cfg.bak                what the operator had written, kept when the lines are taken out
 *
 * Written at once and not in the background: whoever has acknowledged a proposal counts by it, also after a power failure.
 * It happens once a change. Source: QuorumPeerConfig.writeDynamicConfig, editStaticConfig, backupOldConfig.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { CoreLog } from '../../core/contract/index.js';
import { formatQuorumConfig, type MembershipStore, memberOf, type QuorumConfig } from '../../core/quorum/index.js';
import { parseProperties } from './properties.js';

export const NEXT_SUFFIX = '.dynamic.next';

const ABOUT_MEMBERS = ['server.', 'group', 'weight', 'dynamicConfigFile', 'peerType'];

export class MemberFiles implements MembershipStore {
  /** @param file zoo.cfg; null for a configuration made in memory, which has nothing to be kept beside */
  constructor(
    private readonly file: string | null,
    private readonly serverId: number,
    private readonly log: CoreLog,
  ) {}

  seeConfig(next: QuorumConfig | null): void {
    this.attempt('the members that were proposed', (file) => {
      if (next === null) rmSync(file + NEXT_SUFFIX, { force: true });
      else replaceFile(file + NEXT_SUFFIX, linesOf(next, true));
    });
  }

  activateConfig(config: QuorumConfig): void {
    this.attempt('the members', (file) => {
      const dynamicFile = `${file}.dynamic.${config.version.toString(16)}`;
      replaceFile(dynamicFile, linesOf(config, false));
      this.pointTo(file, realpathSync(dynamicFile), config);
      rmSync(file + NEXT_SUFFIX, { force: true });
    });
  }

  /** What is not about members stays as the operator wrote it, comments included. */
  private pointTo(file: string, dynamicFile: string, config: QuorumConfig): void {
    const text = readFileSync(file, 'utf8');
    const hasClientLine = (memberOf(config, this.serverId)?.client ?? null) !== null;
    const dropped = hasClientLine ? [...ABOUT_MEMBERS, 'clientPort'] : ABOUT_MEMBERS;
    const properties = parseProperties(text);
    if (!properties.some(({ key }) => key === 'dynamicConfigFile') && !existsSync(`${file}.bak`)) {
      replaceFile(`${file}.bak`, text);
    }
    const isDropped = (key: string): boolean => dropped.some((prefix) => key.startsWith(prefix) && !isBacklog(key));
    const lines = text.split(/\r\n|\n|\r/);
    const starts = new Map(properties.map(({ line, key }) => [line, key]));
    const kept: string[] = [];
    let skipping = false;
    for (const [index, line] of lines.entries()) {
      const key = starts.get(index + 1);
      if (key !== undefined) skipping = isDropped(key);
      else if (/^\s*([#!]|$)/.test(line)) skipping = false;
      if (!skipping) kept.push(line);
    }
    replaceFile(file, `${kept.join('\n').trimEnd()}\ndynamicConfigFile=${dynamicFile}\n`);
  }

  /** A folder that can not be written costs the members their file, not the ensemble its server: the log has them too. */
  private attempt(what: string, write: (file: string) => void): void {
    if (this.file === null) return;
    try {
      write(this.file);
    } catch (error) {
      this.log.error(`${what} could not be written`, { file: this.file, problem: (error as Error).message });
    }
  }
}

/** Of the client port too, and not of its address. */
const isBacklog = (key: string): boolean => key === 'clientPortListenBacklog';

function linesOf(config: QuorumConfig, withVersion: boolean): string {
  const lines = formatQuorumConfig(config).split('\n');
  return lines
    .filter((line) => withVersion || !line.startsWith('version='))
    .sort()
    .join('\n');
}

function replaceFile(file: string, text: string): void {
  const temporary = `${file}.tmp`;
  const handle = openSync(temporary, 'w');
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
