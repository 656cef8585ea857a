/**
 * Usage of the subtrees that have a quota, kept in memory by each server for itself: it changes with every node but
 * without a transaction, which is why the digest does not look below /zookeeper. Source: DataTree.java (updateQuotaStat,
 * updateQuotaForPath, setupQuota), PathTrie.java.
 */
import type { DataTree } from './data-tree.js';
import { QUOTA_NODE } from './paths.js';
import {
  formatUsage,
  LIMITS_NAME,
  limitsPathOf,
  parseQuota,
  type QuotaRecord,
  USAGE_NAME,
  usagePathOf,
} from './quota-record.js';
import type { TreeNode } from './tree-node.js';

const QUOTA_PREFIX = `${QUOTA_NODE}/`;

export class Quotas {
  /** Paths that have limits. */
  private readonly limited = new Set<string>();

  constructor(private readonly tree: DataTree) {}

  created(node: TreeNode): void {
    const { path } = node;
    if (path.startsWith(QUOTA_PREFIX)) {
      const subject = subjectOf(path);
      if (subject !== null && path.endsWith(`/${LIMITS_NAME}`)) this.limited.add(subject);
      if (subject !== null && path.endsWith(`/${USAGE_NAME}`)) this.recount(subject);
    }
    this.charge(path, node.dataBytes, 1);
  }

  deleted(node: TreeNode): void {
    const { path } = node;
    const subject = path.startsWith(QUOTA_PREFIX) && path.endsWith(`/${LIMITS_NAME}`) ? subjectOf(path) : null;
    if (subject !== null) this.limited.delete(subject);
    this.charge(path, -node.dataBytes, -1);
  }

  dataChanged(node: TreeNode, addedBytes: number): void {
    this.charge(node.path, addedBytes, 0);
  }

  /** After a load: finds the limits and counts anew what is used. */
  rebuild(): void {
    this.limited.clear();
    const top = this.tree.get(QUOTA_NODE);
    if (top === undefined) return;
    const subjects = [...this.tree.subtree(top)]
      .filter(({ path }) => path.endsWith(`/${LIMITS_NAME}`))
      .map(({ path }) => subjectOf(path))
      .filter((subject) => subject !== null);
    for (const subject of subjects) {
      this.recount(subject);
      this.limited.add(subject);
    }
  }

  /** The longest path at or above this one that has limits; null for none. */
  limitedAbove(path: string): string | null {
    if (this.limited.size === 0) return null;
    for (let at = path; at.length > 1; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))) {
      if (this.limited.has(at)) return at;
    }
    return null;
  }

  limits(subject: string): QuotaRecord | null {
    return this.read(limitsPathOf(subject));
  }

  usage(subject: string): QuotaRecord | null {
    return this.read(usagePathOf(subject));
  }

  private read(path: string): QuotaRecord | null {
    const node = this.tree.get(path);
    return node === undefined ? null : parseQuota(node.data ?? '');
  }

  private charge(path: string, bytes: number, count: number): void {
    const subject = this.limitedAbove(path);
    if (subject === null) return;
    const node = this.tree.get(usagePathOf(subject));
    if (node === undefined) return;
    const used = parseQuota(node.data ?? '');
    this.tree.setDataLocally(node, formatUsage(used.count + count, used.bytes + bytes));
  }

  /** The node itself counts too. */
  private recount(subject: string): void {
    const usage = this.tree.get(usagePathOf(subject));
    if (usage === undefined) return;
    let [count, bytes] = [0, 0];
    const top = this.tree.get(subject);
    for (const node of top === undefined ? [] : this.tree.subtree(top)) {
      count++;
      bytes += node.dataBytes;
    }
    this.tree.setDataLocally(usage, formatUsage(count, bytes));
  }
}

/** `/a` of `/zookeeper/quota/a/zookeeper_limits`; null for limits of nothing. */
function subjectOf(quotaPath: string): string | null {
  const subject = quotaPath.slice(QUOTA_NODE.length, quotaPath.lastIndexOf('/'));
  return subject === '' ? null : subject;
}
