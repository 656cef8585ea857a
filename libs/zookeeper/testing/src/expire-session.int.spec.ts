import { generateSessionPassword } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { engineAvailable, type Engine } from './ensemble/engines.js';
import { startTestEnsemble } from './ensemble/test-ensemble.js';
import { expireSession } from './expire-session.js';
import { allocatePort, releasePort } from './ports.js';

for (const engine of ['apache', 'menagerie'] satisfies Engine[]) {
  const { available, reason } = engineAvailable(engine);

  // That a session which exists is ended is part of the client's contract; here is what can go wrong with the asking.
  describe.skipIf(!available)(`expiring a session on ${engine}${available ? '' : ` (skipped: ${reason})`}`, () => {
    it('says so when the server does not know the session', async () => {
      await using ensemble = await startTestEnsemble({ engine });
      const id = 0x100000000000abcn;
      await expect(ensemble.expireSession(id, generateSessionPassword(id))).rejects.toMatchObject({
        code: 'TESTKIT_UNEXPECTED_ANSWER',
      });
    });
  });
}

it('says so when nobody is there', async () => {
  const port = await allocatePort();
  const target = { host: '127.0.0.1', port, id: 1n, password: Buffer.alloc(16) };
  await expect(expireSession(target)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  releasePort(port);
});
