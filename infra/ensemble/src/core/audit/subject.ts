/** What a request is about, for the audit log, which has to say so of requests that came to nothing, too. */
import {
  type Acl,
  CreateMode,
  decodeCreateRequest,
  decodeDeleteRequest,
  decodeMultiRequest,
  decodeSetAclRequest,
  decodeSetDataRequest,
  JuteReader,
  OpCode,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';

export interface Subject {
  readonly path: string | null;
  /** Of a create: `persistent_sequential`. */
  readonly mode: string | null;
  readonly acl: readonly Acl[] | null;
}

const NOTHING: Subject = { path: null, mode: null, acl: null };

/** Java's names in lower case. */
const MODE_NAMES: Readonly<Record<number, string>> = {
  [CreateMode.persistent]: 'persistent',
  [CreateMode.ephemeral]: 'ephemeral',
  [CreateMode.persistentSequential]: 'persistent_sequential',
  [CreateMode.ephemeralSequential]: 'ephemeral_sequential',
  [CreateMode.container]: 'container',
  [CreateMode.persistentWithTtl]: 'persistent_with_ttl',
  [CreateMode.persistentSequentialWithTtl]: 'persistent_sequential_with_ttl',
};

export function subjectOf(type: number, body: Buffer, maxFieldBytes: number): Subject {
  const reader = new JuteReader(body, maxFieldBytes);
  try {
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTtl: {
        const { path, flags } = decodeCreateRequest(reader);
        return { ...NOTHING, path, mode: MODE_NAMES[flags] ?? null };
      }
      case OpCode.delete:
        return { ...NOTHING, path: decodeDeleteRequest(reader).path };
      case OpCode.setData:
        return { ...NOTHING, path: decodeSetDataRequest(reader).path };
      case OpCode.setAcl: {
        const { path, acl } = decodeSetAclRequest(reader);
        return { ...NOTHING, path, acl };
      }
      default:
        return NOTHING;
    }
  } catch (error) {
    // What could not be read was refused for that; there is no more to say about it.
    if (error instanceof ZkProtocolError) return NOTHING;
    throw error;
  }
}

/** By the path that was asked for, so that sequential nodes have none: their names are made later. */
export function createModesOf(multi: Buffer, maxFieldBytes: number): ReadonlyMap<string, string> {
  const modes = new Map<string, string>();
  for (const op of decodeMultiRequest(new JuteReader(multi, maxFieldBytes)).ops) {
    if (!('flags' in op.request)) continue;
    const mode = MODE_NAMES[op.request.flags];
    if (mode !== undefined) modes.set(op.request.path, mode);
  }
  return modes;
}
