/**
 * Limits and usage of a quota as the text that is kept in its two nodes. Source: StatsTrack.java, Quotas.java.
 *
 *   count=N,bytes=M                                    understood by everybody
 *   count=N,bytes=M=;byteHardLimit=X;countHardLimit=Y  the stray '=' makes parsers before 3.7 stop there
 */
import { QUOTA_NODE } from './paths.js';

export const LIMITS_NAME = 'zookeeper_limits';
export const USAGE_NAME = 'zookeeper_stats';

export const limitsPathOf = (path: string): string => `${QUOTA_NODE}${path}/${LIMITS_NAME}`;
export const usagePathOf = (path: string): string => `${QUOTA_NODE}${path}/${USAGE_NAME}`;

/** -1 is no limit, and also what a text that says nothing about a field means. */
export interface QuotaRecord {
  count: number;
  bytes: number;
  countHardLimit: number;
  byteHardLimit: number;
}

/** Anybody may write into these nodes: what is no number counts as not there. */
export function parseQuota(text: string): QuotaRecord {
  const record: QuotaRecord = { count: -1, bytes: -1, countHardLimit: -1, byteHardLimit: -1 };
  for (const pair of text.split(/[,;]+/)) {
    const [key, value = ''] = pair.split('=');
    if (key !== undefined && Object.hasOwn(record, key) && /^[+-]?\d{1,15}$/.test(value))
      record[key as keyof QuotaRecord] = Number(value);
  }
  return record;
}

export const formatUsage = (count: number, bytes: number): Buffer =>
  Buffer.from(`count=${count},bytes=${bytes}`, 'utf8');
