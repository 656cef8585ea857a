/** `ruok`, `srvr`, `mntr`, ...: asked over a plain connection, answered with text until the server closes it. */
import { connect } from 'node:net';
import { TestKitError } from './errors.js';

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** @throws TestKitError `TESTKIT_TIMEOUT`, `TESTKIT_UNEXPECTED_ANSWER`; or the socket's error, `ECONNREFUSED` for instance */
export function fourLetterWord(host: string, port: number, word: string, timeoutMs = 3_000): Promise<string> {
  if (word.length !== 4) throw new TestKitError('TESTKIT_MISUSE', `expected a word of four letters, got "${word}"`);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = connect({ host, port }, () => socket.write(word));
    const timer = setTimeout(() => {
      socket.destroy(
        new TestKitError('TESTKIT_TIMEOUT', `${word} to ${host}:${port}: no answer in ${timeoutMs} ms`, true),
      );
    }, timeoutMs);
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_ANSWER_BYTES) {
        socket.destroy(new TestKitError('TESTKIT_UNEXPECTED_ANSWER', `${word}: answer over ${MAX_ANSWER_BYTES} bytes`));
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

/** The `Mode:` of `srvr`: `leader`, `follower`, `standalone`, ...; null while the server does not serve. */
export async function serverMode(host: string, port: number): Promise<string | null> {
  try {
    return /^Mode: (\S+)$/m.exec(await fourLetterWord(host, port, 'srvr', 1_000))?.[1] ?? null;
  } catch {
    return null;
  }
}
