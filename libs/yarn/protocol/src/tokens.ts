/**
 * The two tokens of YARN that matter here, both a claim with an HMAC under a key that the ResourceManager chose.
 *
 * A container token says that this ResourceManager gave this container on this node, with this much resource, until
 * then; the NodeManager, which got the key when it registered, believes nothing else (ContainerTokenIdentifier). It
 * names the active life that minted it, so containers handed out from the memory of a deposed ResourceManager are
 * refused by every node that has registered with its successor.
 *
 * A master token says that the bearer is this attempt. Its key is in the state store, so that it outlives a failover.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { YarnRequestError } from './errors.js';
import { attemptIdSchema, containerIdSchema } from './ids.js';
import { type Resource, resourceSchema } from './resources.js';
import { nodeIdSchema } from './rpc/container.js';

export interface ContainerClaim {
  readonly containerId: string;
  readonly nodeId: string;
  readonly resource: Resource;
  /** The active life that gave it. */
  readonly rmIdentifier: number;
  /** Start it before this time, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

const claimSchema = z.object({
  containerId: containerIdSchema,
  nodeId: nodeIdSchema,
  resource: resourceSchema,
  rmIdentifier: z.number().int(),
  expiresAtMs: z.number().int(),
});

const seal = (payload: string, key: Uint8Array) => createHmac('sha256', key).update(payload).digest('base64url');

function mint(claim: unknown, key: Uint8Array): string {
  const payload = Buffer.from(JSON.stringify(claim)).toString('base64url');
  return `${payload}.${seal(payload, key)}`;
}

function open(token: string, key: Uint8Array, what: string): unknown {
  const [payload = '', mac = ''] = token.split('.', 2);
  const expected = Buffer.from(seal(payload, key));
  const got = Buffer.from(mac);
  if (expected.length !== got.length || !timingSafeEqual(expected, got)) {
    throw new YarnRequestError('YARN_UNAUTHORIZED', `${what}: signed with another key, or not at all`);
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

export const mintContainerToken = (claim: ContainerClaim, key: Uint8Array): string => mint(claim, key);

/** @throws YarnRequestError `YARN_UNAUTHORIZED` when it was not signed with this key. */
export function openContainerToken(token: string, key: Uint8Array): ContainerClaim {
  return claimSchema.parse(open(token, key, 'container token'));
}

export const mintMasterToken = (attemptId: string, key: Uint8Array): string => mint({ attemptId }, key);

/** The attempt that the bearer is. @throws YarnRequestError `YARN_UNAUTHORIZED` when it was not signed with this key. */
export function openMasterToken(token: string, key: Uint8Array): string {
  return z.object({ attemptId: attemptIdSchema }).parse(open(token, key, 'master token')).attemptId;
}
