/** `menagerie zk snapshot FILE`: sessions, ACLs and nodes of a snapshot, ours or Apache's. Source: SnapshotFormatter.java. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { maxFieldBytes, type SnapshotItem, SnapshotStreamDecoder } from '@menagerie/zookeeper-protocol';
import type { Output } from '../../context.js';
import { aclLines, javaDate } from '../print.js';
import { type InspectOptions, problem } from './inspect-log.js';
import { dataText, hex, plain } from './records.js';

export interface SnapshotInspectOptions extends InspectOptions {
  /** Data of nodes, not only their length. */
  readonly withData: boolean;
}

/** @throws as `inspectLog` */
export async function inspectSnapshot(path: string, options: SnapshotInspectOptions, output: Output): Promise<void> {
  const decoder = new SnapshotStreamDecoder({ form: 'file', maxFieldBytes: maxFieldBytes(options.maxBufferBytes) });
  const counts = { session: 0, acl: 0, node: 0 };
  let bytes = 0;
  try {
    const file = createReadStream(path);
    for await (const chunk of path.endsWith('.gz') ? file.pipe(createGunzip()) : file) {
      for (const item of decoder.push(chunk as Buffer)) {
        counts[item.kind]++;
        if (item.kind === 'node') bytes += item.data?.length ?? 0;
        if (options.json) output.line(JSON.stringify(plain(item)));
        else for (const line of describeItem(item, options.withData)) output.line(line);
      }
    }
    const { digest } = decoder.end();
    output.note(
      `${counts.node} nodes with ${bytes} bytes, ${counts.session} sessions, ${counts.acl} ACLs, ` +
        (digest === null
          ? 'no digest'
          : `digest ${digest.version},0x${hex(digest.treeDigest)} at 0x${hex(digest.zxid)}`),
    );
  } catch (error) {
    throw problem(path, error);
  }
}

function describeItem(item: SnapshotItem, withData: boolean): string[] {
  if (item.kind === 'session') return [`session 0x${hex(item.sessionId)} timeout ${item.timeoutMs} ms`];
  if (item.kind === 'acl') return [`acl ${item.index} ${aclLines(item.acl).join('')}`];
  const { path, data, aclIndex, stat } = item;
  return [
    path === '' ? '/' : path,
    `  cZxid = 0x${hex(stat.czxid)}`,
    `  ctime = ${javaDate(stat.ctime)}`,
    `  mZxid = 0x${hex(stat.mzxid)}`,
    `  mtime = ${javaDate(stat.mtime)}`,
    `  pZxid = 0x${hex(stat.pzxid)}`,
    `  cversion = ${stat.cversion}`,
    `  dataVersion = ${stat.version}`,
    `  aclVersion = ${stat.aversion}`,
    `  ephemeralOwner = 0x${hex(stat.ephemeralOwner)}`,
    `  acl = ${aclIndex}`,
    withData ? `  data = ${dataText(data)}` : `  dataLength = ${data?.length ?? 0}`,
  ];
}
