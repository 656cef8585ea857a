/** The core that ships, wired as the runtime wires it, with timeouts short enough for a life to hold many elections. */
import {
  createDatabase,
  createPeer,
  createRequestServer,
  type PeerTiming,
  type QuorumConfig,
  type ServerId,
} from '@menagerie/ensemble';
import type { MakeCore } from './core.js';

export const SIMULATED_TIMING: PeerTiming = {
  tickTimeMs: 200,
  initLimitTicks: 10,
  syncLimitTicks: 5,
  connectLimitMs: 500,
  disloyalVoterMs: null,
  election: { finalizeWaitMs: 50, minNotificationIntervalMs: 50, maxNotificationIntervalMs: 1000 },
};

const MAX_FIELD_BYTES = 1 << 20;

export const makeProductionCore: MakeCore = ({ serverId, voters, observers, env, effects, observe }) => {
  const database = createDatabase();
  const clients = createRequestServer({ database, env, serverId, config: { tickTimeMs: SIMULATED_TIMING.tickTimeMs } });
  const server = observe(clients, database);
  const peer = createPeer({
    serverId,
    config: voters.length === 1 && observers.length === 0 ? null : configOf(voters, observers),
    timing: SIMULATED_TIMING,
    observerLogs: true,
    maxFieldBytes: MAX_FIELD_BYTES,
    env,
    effects,
    database,
    requestServer: server,
  });
  return { peer, server, acceptor: clients, database };
};

function configOf(voters: readonly ServerId[], observers: readonly ServerId[]): QuorumConfig {
  const address = (id: ServerId, port: number) => ({ host: `server-${id}`, port });
  return {
    members: [...voters, ...observers].map((id) => ({
      id,
      quorum: address(id, 2888),
      election: address(id, 3888),
      role: voters.includes(id) ? 'participant' : 'observer',
      client: null,
    })),
    groups: new Map(),
    weights: new Map(),
    version: 0n,
  };
}
