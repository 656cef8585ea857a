/** What the demos with an ensemble of their own say of it, in the same words. */
import type { TestServer } from '@menagerie/zookeeper-testing';
import { digestsInCommon, type WritingLoad } from '@menagerie/zookeeper-witness';

import type { DemoStage } from '../demo.js';

/** Enough transactions for each server to have computed the digest after the same one. */
const WRITES_FOR_A_DIGEST = 150;

/** The load has ended: was anything lost on the way? */
export async function verifyNothingLost(
  { verify }: DemoStage,
  load: WritingLoad,
  servers: readonly TestServer[],
): Promise<void> {
  const verdict = await load.end();
  const judged = await Promise.all(servers.map(async (server) => ({ server, ...(await load.judge(server)) })));
  const lost = judged.flatMap(({ server, missing }) => missing.map((name) => `${name} on server ${server.id}`));
  verify(
    'no acknowledged write is lost',
    verdict.acknowledged > 0 && lost.length === 0,
    lost.length > 0
      ? lost.slice(0, 5).join(', ')
      : `${verdict.acknowledged} acknowledged, on each of ${servers.length} servers; ${verdict.repliesLost} replies lost and asked for again`,
  );
  verify(
    'no session is lost, nor its ephemeral node',
    verdict.sessionKept && verdict.ephemeralKept,
    `session ${verdict.sessionKept ? 'kept' : 'lost'}, longest pause ${(verdict.longestPauseMs / 1000).toFixed(2)} s`,
  );
  verify(
    'no answer is wrong: what was acknowledged was there when it was read',
    verdict.wrongAnswers.length === 0,
    `${verdict.wrongAnswers.length} of ${verdict.acknowledged} reads`,
  );
}

/** Each server computes a digest over its whole tree; after the same transaction it must be the same. */
export async function verifySameTrees(
  { verify, mark }: DemoStage,
  load: WritingLoad,
  servers: readonly TestServer[],
  when: string,
): Promise<void> {
  await load.more(WRITES_FOR_A_DIGEST);
  const { zxid, digests } = await digestsInCommon(servers);
  mark(`${when}: digest ${[...digests].join(' and ')} after zxid 0x${zxid}`);
  const ids = servers.map(({ id, engine }) => `${id} ${engine}`).join(', ');
  verify(`${when} the trees are equal, by their digests`, digests.size === 1, `servers ${ids}: 0x${zxid}`);
}
