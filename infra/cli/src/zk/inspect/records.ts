/** Transactions as people read them. */
import { OpCode, type Txn, type TxnRecord } from '@menagerie/zookeeper-protocol';
import { aclLines } from '../print.js';

const NAMES = new Map<number, string>(Object.entries(OpCode).map(([name, code]) => [code, name]));
/** Of data, as text; more is only counted. */
const SHOWN_BYTES = 64;

export const hex = (value: bigint | number): string => BigInt.asUintN(64, BigInt(value)).toString(16);
export const operationName = (type: number): string => NAMES.get(type) ?? `type ${type}`;

/** Text if it is printable, else its size. */
export function dataText(data: Buffer | null): string {
  if (data === null) return 'null';
  const text = data.toString('utf8');
  const isText = !text.includes('\ufffd') && !/[\x00-\x08\x0e-\x1f]/.test(text);
  if (!isText) return `${data.length} bytes`;
  return JSON.stringify(data.length <= SHOWN_BYTES ? text : `${text.slice(0, SHOWN_BYTES)}... ${data.length} bytes`);
}

export function describeTxn(txn: Txn): string {
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
      return `${txn.path} ${dataText(txn.data)} ${aclText(txn.acl)}${txn.ephemeral ? ' ephemeral' : ''} cversion ${txn.parentCVersion}`;
    case OpCode.createContainer:
      return `${txn.path} ${dataText(txn.data)} ${aclText(txn.acl)} cversion ${txn.parentCVersion}`;
    case OpCode.createTtl:
      return `${txn.path} ${dataText(txn.data)} ${aclText(txn.acl)} cversion ${txn.parentCVersion} ttl ${txn.ttlMs} ms`;
    case OpCode.delete:
    case OpCode.deleteContainer:
      return txn.path;
    case OpCode.setData:
    case OpCode.reconfig:
      return `${txn.path} ${dataText(txn.data)} version ${txn.version}`;
    case OpCode.setAcl:
      return `${txn.path} ${aclText(txn.acl)} aversion ${txn.version}`;
    case OpCode.check:
      return `${txn.path} version ${txn.version}`;
    case OpCode.createSession:
      return `timeout ${txn.timeoutMs} ms`;
    case OpCode.closeSession:
      return txn.paths === null ? '' : `deletes [${txn.paths.join(', ')}]`;
    case OpCode.error:
      return `error ${txn.err}`;
    case OpCode.multi:
      return txn.ops.map((op) => `${operationName(op.type)} ${describeTxn(op)}`).join('; ');
  }
}

const aclText = (acl: Parameters<typeof aclLines>[0] | null): string =>
  acl === null
    ? 'no acl'
    : aclLines(acl)
        .join('')
        .replaceAll(/'([^']*),'/g, '$1:');

export function describeRecord({ header, txn, digest }: TxnRecord): string {
  const { timeMs, clientId, cxid, zxid, type } = header;
  const parts = [
    new Date(timeMs).toISOString(),
    `session 0x${hex(clientId)}`,
    `cxid 0x${(cxid >>> 0).toString(16)}`,
    `zxid 0x${hex(zxid)}`,
    operationName(type),
    describeTxn(txn),
    digest === null ? '' : `digest ${digest.version},0x${hex(digest.treeDigest)}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** For JSON: big numbers as hex text, as every other tool names them, and bytes as base64. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${hex(value)}`;
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
