/**
 * Answers of two servers made comparable: what has to differ (clocks, session ids) is taken out or given a common name,
 * everything else stays to the bit, zxids included.
 */
import {
  decodeCreate2Response,
  decodeCreateResponse,
  decodeErrorResponse,
  decodeGetAclResponse,
  decodeGetAllChildrenNumberResponse,
  decodeGetChildren2Response,
  decodeGetChildrenResponse,
  decodeGetDataResponse,
  decodeGetEphemeralsResponse,
  decodeMultiResponse,
  decodeStat,
  decodeSyncResponse,
  decodeWhoAmIResponse,
  JuteReader,
  OpCode,
} from '@menagerie/zookeeper-protocol';

/** A session by the number of its handshake, the same on both sides. */
export type SessionNames = (sessionId: bigint) => string;

const sorted = <T>(values: readonly T[]): T[] =>
  [...values].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

const DECODERS: Readonly<Record<number, (reader: JuteReader) => unknown>> = {
  [OpCode.create]: decodeCreateResponse,
  [OpCode.create2]: decodeCreate2Response,
  [OpCode.createContainer]: decodeCreate2Response,
  [OpCode.createTtl]: decodeCreate2Response,
  [OpCode.exists]: decodeStat,
  [OpCode.setData]: decodeStat,
  [OpCode.setAcl]: decodeStat,
  [OpCode.getData]: decodeGetDataResponse,
  [OpCode.getAcl]: decodeGetAclResponse,
  [OpCode.getChildren]: (reader) => sorted(decodeGetChildrenResponse(reader).children),
  [OpCode.getChildren2]: (reader) => {
    const { children, stat } = decodeGetChildren2Response(reader);
    return { children: sorted(children), stat };
  },
  [OpCode.sync]: decodeSyncResponse,
  [OpCode.multi]: decodeMultiResponse,
  [OpCode.multiRead]: (reader) => {
    const { results } = decodeMultiResponse(reader);
    return results.map((result) => ('children' in result ? { ...result, children: sorted(result.children) } : result));
  },
  [OpCode.getEphemerals]: (reader) => sorted(decodeGetEphemeralsResponse(reader).ephemerals),
  [OpCode.getAllChildrenNumber]: decodeGetAllChildrenNumberResponse,
  [OpCode.addWatch]: decodeErrorResponse,
  [OpCode.whoAmI]: (reader) => sorted(decodeWhoAmIResponse(reader).clientInfo),
};

/** Of a successful answer, as text. */
export function normalBody(type: number, body: Buffer, names: SessionNames): string {
  const decode = DECODERS[type];
  return decode === undefined ? body.toString('hex') : normal(decode(new JuteReader(body)), names);
}

/** Clocks become 0, owners names, bytes and big numbers text. */
export function normal(value: unknown, names: SessionNames): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (key === 'ctime' || key === 'mtime') return 0;
    if (key === 'ephemeralOwner' && typeof each === 'bigint') return names(each);
    if (typeof each === 'bigint') return `0x${BigInt.asUintN(64, each).toString(16)}`;
    return isBytes(each) ? Buffer.from(each.data).toString('base64') : each;
  });
}

/** What `Buffer.toJSON` has made of one. */
function isBytes(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}
