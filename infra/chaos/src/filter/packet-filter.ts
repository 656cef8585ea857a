/** Puts rules in force with Debian's `nft`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';

import { ChaosError, ChaosErrorCode } from '../errors.js';
import { type Cut, renderRules } from './rules.js';

const NFT = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft'];

/** @returns why packets cannot be dropped on this machine; undefined when they can */
export function whyNoFilter(): string | undefined {
  if (process.getuid?.() !== 0) return 'cutting links needs root';
  return findNft() === undefined ? 'cutting links needs nft: apt-get install nftables' : undefined;
}

/** The table of a data root. */
export function tableOf(dataRoot: string): string {
  return `menagerie_${createHash('sha256').update(dataRoot).digest('hex').slice(0, 8)}`;
}

/**
 * Makes exactly these cuts be in force for a table; an empty list removes it.
 * @throws ChaosError
 */
export function applyCuts(table: string, cuts: readonly Cut[]): void {
  const why = whyNoFilter();
  const nft = findNft();
  if (why !== undefined || nft === undefined) throw new ChaosError(ChaosErrorCode.unavailable, why ?? 'no nft');
  const { status, stderr, error } = spawnSync(nft, ['-f', '-'], { input: renderRules(table, cuts), encoding: 'utf8' });
  if (status !== 0) {
    const said = error?.message ?? stderr.trim().split('\n')[0] ?? '';
    throw new ChaosError(ChaosErrorCode.failed, `nft refuses the rules: ${said}`);
  }
}

function findNft(): string | undefined {
  return NFT.find((file) => existsSync(file));
}
