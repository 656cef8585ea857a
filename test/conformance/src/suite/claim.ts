/** The shape of a case: one claim about what a server answers, and the code that tries it. */
import type { Client } from '../client/client.js';
import type { HandshakeOptions } from '../client/raw-client.js';
import type { Engine, TestServer } from '@menagerie/zookeeper-testing';
import type { TopologyName } from './topologies.js';

export interface ClaimContext {
  /** A session on the server under test. */
  readonly client: Client;
  /** The server under test. */
  readonly server: TestServer;
  /** All servers of its ensemble, itself included. */
  readonly servers: readonly TestServer[];
  readonly engine: Engine;
  readonly topology: TopologyName;
  /** An open, empty, persistent node that belongs to this case alone. */
  readonly root: string;
  /** One more session, by default on the server under test; ended when the case ends. */
  connect(options?: HandshakeOptions, server?: TestServer): Promise<Client>;
  /** A connection on which nothing was said yet. */
  open(server?: TestServer): Promise<Client>;
}

export type ClaimBody = (context: ClaimContext) => Promise<void>;

export interface Claim {
  readonly title: string;
  readonly body: ClaimBody;
  /** Where it holds. */
  readonly topologies: readonly TopologyName[];
  /**
   * Engines that are known to answer otherwise, each with its reason and with what they do instead, which is tried just
   * as the claim itself is.
   */
  readonly deviations: Readonly<Partial<Record<Engine, Deviation>>>;
  /** Lives on sessions of the shortest timeout: a machine that stands still for 400 ms ends them, and nobody is to blame. */
  readonly racesTheClock: boolean;
}

export interface Deviation {
  readonly reason: string;
  /** Where it is safe to try; as the claim unless given. */
  readonly on?: readonly TopologyName[];
  readonly body: ClaimBody;
}

/** What an engine is held to at one door; null where there is nothing to try. */
export function bodyFor(claim: Claim, engine: Engine, topology: TopologyName): ClaimBody | null {
  const deviation = claim.deviations[engine];
  const topologies = deviation?.on ?? claim.topologies;
  return topologies.includes(topology) ? (deviation?.body ?? claim.body) : null;
}

export interface ClaimOptions {
  readonly on?: readonly TopologyName[];
  readonly deviations?: Claim['deviations'];
  readonly racesTheClock?: boolean;
}

export interface ClaimGroup {
  /** A name of `OpCode`, or a subject of its own (`handshake`, `framing`). */
  readonly subject: string;
  readonly claims: readonly Claim[];
}

/** The serving topologies with everything switched on; the default place for a claim. */
export const EVERYWHERE: readonly TopologyName[] = ['standalone', 'follower', 'leader'];

export function claim(title: string, body: ClaimBody, options: ClaimOptions = {}): Claim {
  const { on = EVERYWHERE, deviations = {}, racesTheClock = false } = options;
  return { title, body, topologies: on, deviations, racesTheClock };
}

export function about(subject: string, ...claims: Claim[]): ClaimGroup {
  return { subject, claims };
}
