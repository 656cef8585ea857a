/** ZooKeeper's four-letter words: send four bytes, read until the server closes. */
import { connect } from 'node:net';

/** `cons` and `dump` of a busy server are long; more than this is not an answer. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** @throws Error when there is no whole answer within `timeoutMs` */
export function fourLetterWord(host: string, port: number, word: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = connect({ host, port });
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new Error(`${host}:${port}: no answer to ${word} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.on('connect', () => socket.write(word));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES)
        fail(new Error(`${host}:${port}: answer to ${word} longer than ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    socket.on('error', (error) =>
      fail(new Error(`${host}:${port}: ${'code' in error ? String(error.code) : error.message}`)),
    );
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}
