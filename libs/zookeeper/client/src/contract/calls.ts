/** How calls end: once each, in time, and with the truth about what was done. */
import { expect, it } from 'vitest';
import { OpCode } from '@menagerie/zookeeper-protocol';
import { isAborted, isMaybeDone, isNodeExists, isSessionLost, isZooKeeperError } from '../errors.js';
import { contractGroup, outcomeOf, type ContractSetup } from './setup.js';

export function callsContract(setup: ContractSetup): void {
  contractGroup(setup, 'calls', 1, (bench) => {
    it('says maybe-done of a write whose answer was lost, and does not send it again', async () => {
      const link = await bench.link();
      const [client, observer] = await Promise.all([bench.connect({ connect: link.address }), bench.connect()]);
      const root = await bench.root(observer);
      const lost = link.dropNextReply(({ opCode }) => opCode === OpCode.setData);
      const error = await outcomeOf(client.setData(root, 'x'));
      await lost;
      expect(error).toMatchObject({ code: 'ZK_CONNECTION_LOST', outcome: 'maybe-done', retryable: true, path: root });
      expect(isMaybeDone(error)).toBe(true);
      await client.sync(root);
      // Done it was, and once.
      expect((await client.getData(root)).stat.version).toBe(1);
    });

    it('repeats a read whose answer was lost', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      for (const opCode of [OpCode.getData, OpCode.getChildren2, OpCode.exists, OpCode.getAcl, OpCode.sync]) {
        const lost = link.dropNextReply((reply) => reply.opCode === opCode);
        const reads = [
          client.getData(root),
          client.getChildren(root),
          client.exists(root),
          client.getAcl(root),
          client.sync(root),
        ];
        await lost;
        for (const read of await Promise.all(reads.map((call) => outcomeOf<unknown>(call))))
          expect(read).not.toBeInstanceOf(Error);
      }
    });

    it('keeps calls in their order when some of them have to be sent again', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      const lost = link.dropNextReply(({ opCode }) => opCode === OpCode.getData);
      let noticed = false;
      client.on('state', () => (noticed = true));
      const finished: string[] = [];
      const note = (name: string) => (): unknown => finished.push(name);
      const calls = [
        client.getData(root).then(note('read 1')),
        client.exists(root).then(note('read 2')),
        client.getChildren(root).then(note('read 3')),
      ];
      await lost;
      await bench.waitFor('the client to notice', () => noticed);
      calls.push(client.setData(root, 'x').then(note('write')), client.getData(root).then(note('read 4')));
      await Promise.all(calls);
      expect(finished).toEqual(['read 1', 'read 2', 'read 3', 'write', 'read 4']);
    });

    it('lets calls wait for a connection and then does them, in order', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      link.cut();
      await bench.waitForState(client, 'suspended');
      const calls = ['1', '2', '3'].map((value) => client.setData(root, value));
      link.heal();
      expect((await Promise.all(calls)).map(({ version }) => version)).toEqual([1, 2, 3]);
      expect((await client.getData(root)).data.toString()).toBe('3');
    });

    it('says not-done at the deadline of a call that was never sent, and never sends it', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      link.cut();
      await bench.waitForState(client, 'suspended');
      const error = await outcomeOf(client.setData(root, 'x', { timeoutMs: 50 }));
      expect(error).toMatchObject({ code: 'ZK_TIMEOUT', outcome: 'not-done', path: root });
      link.heal();
      await bench.waitForState(client, 'connected');
      expect((await client.getData(root)).stat.version).toBe(0);
    });

    it('says maybe-done at the deadline of a write that was sent', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      link.stall();
      const error = await outcomeOf(client.setData(root, 'x', { timeoutMs: 50 }));
      expect(error).toMatchObject({ code: 'ZK_TIMEOUT', outcome: 'maybe-done' });
      const read = await outcomeOf(client.getData(root, { timeoutMs: 50 }));
      expect(read).toMatchObject({ code: 'ZK_TIMEOUT', outcome: 'not-done' });
      link.heal();
      await bench.waitFor('the write to arrive late', async () => (await client.getData(root)).stat.version === 1);
    });

    it('ends every call of a session with that session', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address, sessionTimeoutMs: 2_500 });
      const root = await bench.root(client);
      link.stall();
      const calls = [client.setData(root, 'x'), client.getData(root), client.create(`${root}/a`), client.sync(root)];
      const outcomes = await Promise.all(calls.map((call) => outcomeOf<unknown>(call)));
      // The writes were sent and end with their connection; the reads wait for another and end with the session.
      expect(outcomes.map((error) => isZooKeeperError(error) && `${error.code} ${error.outcome}`)).toEqual([
        'ZK_CONNECTION_LOST maybe-done',
        'ZK_SESSION_LOST not-done',
        'ZK_CONNECTION_LOST maybe-done',
        'ZK_SESSION_LOST not-done',
      ]);
      expect(isSessionLost(outcomes[1])).toBe(true);
      link.heal();
    });

    it('settles every call under way when the server is killed, and tells the truth about each', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const writes = Array.from({ length: 500 }, (_, index) => client.create(`${root}/${index}`));
      const settled = Promise.all(writes.map(outcomeOf));
      await Promise.any(writes);
      await bench.ensemble.kill(1);
      const outcomes = await settled;
      await bench.ensemble.start(1);
      const present = new Set((await client.getChildren(root)).children);
      outcomes.forEach((outcome, index) => {
        if (!(outcome instanceof Error)) expect(present.has(String(index))).toBe(true);
        else if (!isMaybeDone(outcome)) expect(present.has(String(index))).toBe(false);
      });
      // Repeating what may have been done says which it was.
      for (const [index, outcome] of outcomes.entries()) {
        if (!isMaybeDone(outcome)) continue;
        const again = await outcomeOf(client.create(`${root}/${index}`));
        expect(isNodeExists(again)).toBe(present.has(String(index)));
      }
    });

    it('can be aborted before it is sent, while it waits, and while it is under way', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      const reason = new Error('changed my mind');
      const early = await outcomeOf(client.setData(root, 'x', { signal: AbortSignal.abort(reason) }));
      expect(early).toMatchObject({ code: 'ZK_ABORTED', outcome: 'not-done', cause: reason });

      link.stall();
      const sent = new AbortController();
      const underWay = [
        outcomeOf(client.setData(root, 'sent', { signal: sent.signal })),
        outcomeOf(client.getData(root, { signal: sent.signal })),
      ];
      sent.abort(reason);
      expect(await Promise.all(underWay)).toMatchObject([
        { code: 'ZK_ABORTED', outcome: 'maybe-done', cause: reason },
        { code: 'ZK_ABORTED', outcome: 'not-done' },
      ]);

      link.cut();
      await bench.waitForState(client, 'suspended');
      const unsent = new AbortController();
      const waiting = outcomeOf(client.setData(root, 'waited', { signal: unsent.signal }));
      unsent.abort();
      expect(await waiting).toMatchObject({ code: 'ZK_ABORTED', outcome: 'not-done' });
      expect(isAborted(await waiting)).toBe(true);
      link.heal();
      expect((await client.getData(root)).data.toString()).not.toBe('waited');
    });

    it('calls no watcher for a read that was aborted', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const controller = new AbortController();
      const told: unknown[] = [];
      const read = outcomeOf(client.getData(root, { signal: controller.signal, watch: (event) => told.push(event) }));
      controller.abort();
      await read;
      await client.setData(root, 'x');
      await client.sync(root);
      expect(told).toEqual([]);
    });

    it('lets one signal serve any number of calls without a warning', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const warnings: unknown[] = [];
      const note = (warning: Error): void => void warnings.push(warning.name);
      process.on('warning', note);
      const { signal } = new AbortController();
      await Promise.all(Array.from({ length: 100 }, () => client.getData(root, { signal })));
      process.off('warning', note);
      expect(warnings).toEqual([]);
    });

    it('refuses one call too many instead of growing without end', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address, maxPendingCalls: 3 });
      const root = await bench.root(client);
      link.cut();
      await bench.waitForState(client, 'suspended');
      const calls = [1, 2, 3, 4].map(() => outcomeOf(client.getData(root)));
      expect(await calls[3]).toMatchObject({ code: 'ZK_QUEUE_FULL', outcome: 'not-done', retryable: true });
      link.heal();
      for (const outcome of await Promise.all(calls.slice(0, 3))) expect(outcome).not.toBeInstanceOf(Error);
    });

    it('answers what was sent before close, and refuses what was not', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const before = [client.setData(root, 'x'), client.getData(root)] as const;
      const closing = client.close();
      await expect(before[0]).resolves.toMatchObject({ version: 1 });
      expect((await before[1]).data.toString()).toBe('x');
      await closing;

      const link = await bench.link();
      const cutOff = await bench.connect({ connect: link.address });
      link.cut();
      await bench.waitForState(cutOff, 'suspended');
      const waiting = outcomeOf(cutOff.setData(root, 'y'));
      const closed = cutOff.close();
      expect(await waiting).toMatchObject({ code: 'ZK_CLOSED', outcome: 'not-done' });
      expect(await closed).toEqual({ sessionClosed: false });
    });
  });
}
