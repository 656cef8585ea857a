/** Renders Apache's `zoo.cfg` for one server of our ensemble. Either server, ours or Apache's, takes it as it is. */
import type { Place } from './model.js';
import { ENSEMBLE } from './names.js';

/**
 * One second: sessions of 2 to 20 s can be had (Apache's bounds are 2 and 20 ticks), which YARN's 10 s are within,
 * and a leader that hangs is given up after `SYNC_LIMIT` of them.
 */
const TICK_TIME_MS = 1000;
const INIT_LIMIT_TICKS = 10;
const SYNC_LIMIT_TICKS = 4;
/** All clients come from 127.0.0.1 here, so that Apache's 60 for one address would be 60 for everybody. */
const MAX_CLIENT_CONNECTIONS = 1000;

export function renderZooCfg(place: Place): string {
  const peer = place.peers(ENSEMBLE, 'peer');
  const election = place.peers(ENSEMBLE, 'election');
  const servers = peer.map(([, host, peerPort], index) => {
    const electionPort = election[index]?.[2];
    return `server.${index + 1}=${host}:${peerPort}:${electionPort}`;
  });
  return `${[
    `# ${place.replica.id}, written by the launcher at every start: changes belong into infra/topology.`,
    `tickTime=${TICK_TIME_MS}`,
    `initLimit=${INIT_LIMIT_TICKS}`,
    `syncLimit=${SYNC_LIMIT_TICKS}`,
    `dataDir=${place.dataDir}/data`,
    `clientPort=${place.port('client')}`,
    `clientPortAddress=${place.host}`,
    `maxClientCnxns=${MAX_CLIENT_CONNECTIONS}`,
    'autopurge.snapRetainCount=3',
    'autopurge.purgeInterval=1',
    '4lw.commands.whitelist=*',
    'admin.enableServer=true',
    `admin.serverAddress=${place.host}`,
    `admin.serverPort=${place.port('admin')}`,
    ...servers,
  ].join('\n')}\n`;
}
