/** A command of four bytes on a fresh connection; the server answers with text and closes. */
import { connect } from 'node:net';
import { within } from './waiting.js';
import type { Address } from './address.js';

/** @param bytes what to send; normally the word, for `stmk` eight bytes more */
export function fourLetterWord(address: Address, bytes: string | Buffer, deadlineMs?: number): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(address.clientPort, address.host, () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
  return within(answer, `an answer to ${JSON.stringify(bytes.toString('latin1'))}`, deadlineMs);
}
