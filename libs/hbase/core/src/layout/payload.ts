/**
 * What stands in a znode: who wrote it, then a message (RecoverableZooKeeper.java, ProtobufUtil.java).
 *
 *     0xff | i32 length of the id | id: writer, then 8 random bytes | `PBUF` | protobuf message
 *
 * The random bytes tell one's own lost write from another's: a create that answers "exists" after a retry was ours when the
 * id is.
 */
import { PayloadError } from '../errors.js';
import { type MessageName, messages } from './messages.js';
import { formatServer, parseServer, type ServerName } from './server-name.js';

const MAGIC = 0xff;
const PBUF = Buffer.from('PBUF');
const SALT_BYTES = 8;

/** @param salt eight random bytes, new for each write */
export function wrap(writer: string, salt: Buffer, message: Buffer): Buffer {
  const id = Buffer.concat([Buffer.from(writer), salt.subarray(0, SALT_BYTES)]);
  const head = Buffer.alloc(5);
  head.writeUInt8(MAGIC, 0);
  head.writeInt32BE(id.length, 1);
  return Buffer.concat([head, id, PBUF, message]);
}

/** @throws PayloadError */
export function unwrap(bytes: Buffer, where: string): { readonly id: Buffer; readonly message: Buffer } {
  const idBytes = bytes.length >= 5 && bytes[0] === MAGIC ? bytes.readInt32BE(1) : -1;
  const idEnd = 5 + idBytes;
  if (idBytes < SALT_BYTES || idEnd + PBUF.length > bytes.length || !bytes.subarray(idEnd, idEnd + 4).equals(PBUF)) {
    throw new PayloadError(where, `expected a writer's id and PBUF, got ${bytes.length} bytes`);
  }
  return { id: bytes.subarray(5, idEnd), message: bytes.subarray(idEnd + PBUF.length) };
}

const encode = (name: MessageName, value: Record<string, unknown>): Buffer =>
  Buffer.from(messages[name].encode(messages[name].fromObject(value)).finish());

function decode(name: MessageName, bytes: Buffer, where: string): Record<string, unknown> {
  try {
    return messages[name].toObject(messages[name].decode(bytes), { longs: Number, bytes: Buffer, defaults: true });
  } catch (cause) {
    throw new PayloadError(where, `expected ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

const toName = (server: string): Record<string, unknown> => {
  const { host, port, startcode } = parseServer(server);
  return { hostName: host, port, startCode: startcode };
};
const fromName = (value: unknown): string => {
  const { hostName, port, startCode } = value as { hostName: string; port: number; startCode: number };
  return formatServer({ host: hostName, port, startcode: startCode } satisfies ServerName);
};

/** The master's and the backups' nodes. */
export interface MasterNode {
  readonly server: string;
  readonly infoPort: number;
}
export const masterMessage = ({ server, infoPort }: MasterNode): Buffer =>
  encode('Master', { master: toName(server), infoPort });
export function readMaster(message: Buffer, where: string): MasterNode {
  const { master, infoPort } = decode('Master', message, where);
  return { server: fromName(master), infoPort: Number(infoPort) };
}

export const SplitState = { unassigned: 0, owned: 1, resigned: 2, done: 3, err: 4 } as const;
export type SplitState = (typeof SplitState)[keyof typeof SplitState];
/** State of one log to split, and who says so: for `unassigned` the master that made it. */
export interface SplitLogTask {
  readonly state: SplitState;
  readonly server: string;
}
export const splitTaskMessage = ({ state, server }: SplitLogTask): Buffer =>
  encode('SplitLogTask', { state, serverName: toName(server) });
export function readSplitTask(message: Buffer, where: string): SplitLogTask {
  const { state, serverName } = decode('SplitLogTask', message, where);
  if (!Object.values(SplitState).includes(state as SplitState)) {
    throw new PayloadError(where, `expected a state from 0 to 4, got ${String(state)}`);
  }
  return { state: state as SplitState, server: fromName(serverName) };
}

export const TableState = { enabled: 0, disabled: 1, disabling: 2, enabling: 3 } as const;
export type TableState = (typeof TableState)[keyof typeof TableState];
export const tableMessage = (state: TableState): Buffer => encode('Table', { state });
export function readTable(message: Buffer, where: string): TableState {
  const { state } = decode('Table', message, where);
  if (Object.values(TableState).includes(state as TableState)) return state as TableState;
  throw new PayloadError(where, `expected a state from 0 to 3, got ${String(state)}`);
}

export const metaServerMessage = (server: string): Buffer =>
  encode('MetaRegionServer', { server: toName(server), rpcVersion: 0 });
export const readMetaServer = (message: Buffer, where: string): string =>
  fromName(decode('MetaRegionServer', message, where)['server']);
