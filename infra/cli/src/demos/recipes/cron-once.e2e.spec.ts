import { expect, it } from 'vitest';
import { playCronOnce } from './cron-once.js';

it('three replicas that are their own quorum run each tick once, though their leader is killed', async () => {
  const broken: string[] = [];
  let claims = 0;
  const verify = (claim: string, held: boolean, evidence: string) => {
    claims += 1;
    if (!held) broken.push(`${claim}: ${evidence}`);
  };
  const stage = { signal: new AbortController().signal, mark: () => undefined, verify };
  await playCronOnce(stage, { before: 1, after: 3 });
  expect(broken).toEqual([]);
  expect(claims).toBe(4);
});
