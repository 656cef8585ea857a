/** Asks a server whether it has a quorum: `isro`, the one four-letter word a read-only client needs. */
import type { ServerAddress } from '../../driver.js';
import type { TlsOptions } from '../../security.js';
import { openSocket } from './socket.js';

/** Source: ClientCnxn.pingRwServer. */
const PROBE_TIMEOUT_MS = 1_000;
/** `rw` or `ro`; whatever is longer is neither. */
const MAX_ANSWER_CHARS = 16;

/** @param done called once: true only if the server says `rw` in time */
export function probe(
  server: ServerAddress,
  { tls, random }: { readonly tls: TlsOptions | null; readonly random: () => number },
  done: (canWrite: boolean) => void,
): void {
  let answer = '';
  let isOver = false;
  const data = (chunk: Buffer): void => {
    answer += chunk.toString('latin1');
    if (answer.length > MAX_ANSWER_CHARS) finish();
  };
  const socket = openSocket(server, { tls, random, ready: () => socket.write('isro'), data });
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    socket.destroy();
    done(answer.trim() === 'rw');
  };
  const timer = setTimeout(finish, PROBE_TIMEOUT_MS);
  socket.on('error', finish);
  socket.on('close', finish);
}
