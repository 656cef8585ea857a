/** What arrives on a session's connection, in the words the cases use. */
import {
  decodeReplyHeader,
  decodeWatcherEvent,
  errorCodeName,
  EventType,
  JuteReader,
  KeeperState,
  Xid,
} from '@menagerie/zookeeper-protocol';

/** A reply, a pong or the answer to an auth packet. */
export interface RawReply {
  readonly kind: 'reply';
  readonly xid: number;
  readonly zxid: bigint;
  /** The name in `ErrorCode`, 'Ok' for 0, `error -999` for a number without a name. */
  readonly error: string;
  /** What follows the header; empty on an error. */
  readonly body: Buffer;
}

export interface RawEvent {
  readonly kind: 'event';
  /** The header's zxid: -1 up to 3.8, the transaction's zxid later. */
  readonly zxid: bigint;
  readonly type: string;
  readonly state: string;
  readonly path: string;
}

export type RawMessage = RawReply | RawEvent;

const nameOf = (set: Readonly<Record<string, number>>, value: number, what: string): string =>
  Object.keys(set).find((name) => set[name] === value) ?? `${what} ${value}`;

export function decodeMessage(payload: Buffer): RawMessage {
  const reader = new JuteReader(payload);
  const { xid, zxid, err } = decodeReplyHeader(reader);
  if (xid === Xid.watch) {
    const event = decodeWatcherEvent(reader);
    const type = nameOf(EventType, event.type, 'event');
    return { kind: 'event', zxid, type, state: nameOf(KeeperState, event.state, 'state'), path: event.path };
  }
  return { kind: 'reply', xid, zxid, error: errorCodeName(err) ?? `error ${err}`, body: reader.readRest() };
}

/** `NodeCreated /a`: how the cases write an event down. */
export const describeEvent = (event: RawEvent): string => `${event.type} ${event.path}`;
