/** What a history is made of: calls of clients and what became of them, as any ZooKeeper client can record them. */
import type { Stat } from '@menagerie/zookeeper-protocol';

export type CallKind = 'create' | 'set' | 'delete' | 'get' | 'exists' | 'children' | 'sync';

export interface Call {
  /** Who asked; sessions of one client follow each other. */
  readonly client: string;
  readonly sessionId: bigint;
  readonly kind: CallKind;
  /** As it was asked: of a sequential create, without the number. */
  readonly path: string;
  /** What a write writes. Unique in the history, so that a read names its write. */
  readonly value?: string;
  /** The version a write depends on; -1, the default, is any. */
  readonly version?: number;
  readonly sequential?: boolean;
  readonly ephemeral?: boolean;
  /** Whether a read leaves a watch. */
  readonly watch?: boolean;
}

export type Outcome =
  | {
      readonly kind: 'done';
      /** Of the reply's header. */
      readonly zxid: bigint;
      /** Of a create: the path that was made. */
      readonly path?: string;
      /** Of the node, where the operation answers with one (create: with opcode create2). */
      readonly stat?: Stat;
      /** Of a read. */
      readonly value?: string;
      readonly children?: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly zxid: bigint;
      readonly error: 'NoNode' | 'NodeExists' | 'BadVersion' | 'other';
    }
  /** Nobody knows whether it was, or will be, done: the connection ended first. */
  | { readonly kind: 'unknown' };

/** Told of each rule that is broken. */
export type Report = (rule: string, detail: string) => void;

export const hex = (id: bigint): string => `0x${BigInt.asUintN(64, id).toString(16)}`;
