import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorBody, YarnRequestError } from '@menagerie/yarn-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './http.js';
import { RmProxy, type RmProxyOptions } from './rm-proxy.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const servers: Server[] = [];

async function serve(rmId: string, answer: Answer) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { rmId, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const json = (status: number, body: unknown): Answer => {
  return (_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const refuses = (code: ConstructorParameters<typeof YarnRequestError>[0], message = 'no'): Answer => {
  const error = new YarnRequestError(code, message);
  return json(error.status, errorBody(error));
};
const silent: Answer = () => undefined;
const active = json(200, { said: 'active' });

const what = { method: 'GET', path: '/x', reply: z.object({ said: z.string() }) } as const;
const quick: Omit<RmProxyOptions, 'addresses'> = {
  sleepBaseMs: 5,
  sleepMaxMs: 20,
  tryTimeoutMs: 300,
  deadlineMs: 5_000,
};

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('a call to the ResourceManagers', () => {
  it('passes over a standby and stays with the active', async () => {
    let asked = 0;
    const standby = await serve('rm1', (request, response) => {
      asked++;
      refuses('YARN_STANDBY')(request, response);
    });
    const proxy = new RmProxy({ ...quick, addresses: [standby, await serve('rm2', active)] });
    expect(await proxy.call(what)).toEqual({ said: 'active' });
    expect(await proxy.call(what)).toEqual({ said: 'active' });
    expect(asked).toBe(1);
    expect(proxy.target.rmId).toBe('rm2');
  });

  it('passes over one that is gone and over one that is paused', async () => {
    const gone = { rmId: 'rm1', address: '127.0.0.1:1' };
    const switches: string[] = [];
    const proxy = new RmProxy({
      ...quick,
      addresses: [gone, await serve('rm2', silent), await serve('rm3', active)],
      onFailover: (from, to, why) => switches.push(`${from.rmId} ${to.rmId} ${why.code}`),
    });
    expect(await proxy.call(what)).toEqual({ said: 'active' });
    expect(switches).toEqual(['rm1 rm2 YARN_UNREACHABLE', 'rm2 rm3 YARN_TIMEOUT']);
  });

  it('waits for a standby to become active', async () => {
    let calls = 0;
    const late: Answer = (request, response) => (++calls < 4 ? refuses('YARN_STANDBY') : active)(request, response);
    const proxy = new RmProxy({ ...quick, addresses: [await serve('rm1', late), await serve('rm2', late)] });
    expect(await proxy.call(what)).toEqual({ said: 'active' });
    expect(calls).toBe(4);
  });

  it('ends in one line when nobody is active in time', async () => {
    const standby = await serve('rm1', refuses('YARN_STANDBY', 'rm1 is standby'));
    const proxy = new RmProxy({ ...quick, deadlineMs: 100, addresses: [standby] });
    await expect(proxy.call(what)).rejects.toMatchObject({
      code: 'YARN_NO_ACTIVE',
      message: `no active ResourceManager among rm1 (${standby.address}); last: rm1 is standby`,
    });
  });

  it('does not repeat what was refused for good', async () => {
    let calls = 0;
    const answer: Answer = (request, response) => {
      calls++;
      refuses('YARN_INVALID_RESOURCE_REQUEST', 'too large')(request, response);
    };
    const proxy = new RmProxy({ ...quick, addresses: [await serve('rm1', answer), await serve('rm2', answer)] });
    await expect(proxy.call(what)).rejects.toMatchObject({
      code: 'YARN_INVALID_RESOURCE_REQUEST',
      message: 'too large',
    });
    expect(calls).toBe(1);
  });

  it('stops when the caller gives up', async () => {
    const proxy = new RmProxy({ ...quick, tryTimeoutMs: 60_000, addresses: [await serve('rm1', silent)] });
    const caller = new AbortController();
    const pending = proxy.call(what, { signal: caller.signal });
    caller.abort();
    await expect(pending).rejects.toMatchObject({ code: 'YARN_ABORTED' });
  });

  it.each([
    [
      'not JSON',
      (_: IncomingMessage, response: ServerResponse) => response.end('<html>'),
      /expected JSON, got "<html>"/,
    ],
    ['of another shape', json(200, { said: 7 }), /said: /],
    ['a foreign error', json(500, { oops: true }), /status 500 without a YARN error/],
  ])('says so when the answer is %s', async (_, answer, message) => {
    const { address } = await serve('rm1', answer as Answer);
    await expect(call(address, what)).rejects.toMatchObject({
      code: 'YARN_BAD_REPLY',
      message: expect.stringMatching(message as RegExp),
    });
  });
});
