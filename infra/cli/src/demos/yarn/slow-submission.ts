/**
 * A submission that stops half-way: the ResourceManager has taken the request, and waits for its body.
 *
 * What is sent to a stopped process on a fresh connection is read some turns after it goes on, by when its elector may
 * have learned the truth. The rest of a request that it is already reading is the first thing it sees.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

import { RmPath, type SubmitRequest } from '@menagerie/yarn-protocol';

export interface SlowSubmission {
  /** Sends the body. */
  finish(): void;
  /** Status and body of the answer, or why there was none. Never rejects. */
  readonly answer: Promise<string>;
}

const TAKEN_MS = 5_000;

/**
 * @param address `host:port`
 * @returns once the server has said that it waits for the body
 */
export async function beginSubmission(address: string, submission: SubmitRequest): Promise<SlowSubmission> {
  const body = JSON.stringify(submission);
  const outgoing = request(`http://${address}${RmPath.apps}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  const answer = new Promise<string>((resolve) => {
    const none = (error: unknown) => resolve(`none: ${error instanceof Error ? error.message : String(error)}`);
    outgoing.on('response', (response) => {
      text(response).then((said) => resolve(`${response.statusCode} ${said}`), none);
    });
    outgoing.on('error', none);
  });
  outgoing.flushHeaders();
  await once(outgoing, 'continue', { signal: AbortSignal.timeout(TAKEN_MS) });
  return { finish: () => void outgoing.end(body), answer };
}
