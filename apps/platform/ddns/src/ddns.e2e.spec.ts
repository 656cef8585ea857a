/** A DDNS process with all its parts, asked over HTTP, with `dig`, and by bytes that are no question. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const NAME = 'server.app1.company1.com';
const hasDig = existsSync('/usr/bin/dig');
let patterns: TestPatterns;
let ddns: TestService;
let port: number;

beforeAll(async () => {
  patterns = await TestPatterns.start({ servers: 1 });
  port = await patterns.port();
  ddns = await patterns.service('ddns', 'ddns1', { DDNS_PORT: String(port), DDNS_CONTROL_TOKEN: 'token' });
});
afterAll(() => patterns?.close());

const register = (address: string, app = 'app1', domain = NAME) =>
  ddns.ask('POST', '/register', { app, domain, address });
const codeOf = async (answer: ReturnType<TestService['ask']>): Promise<string> => {
  const { status, body } = await answer;
  expect(body.message).toMatch(/^[^\n]{10,300}$/);
  return `${status} ${body.code}`;
};
const dig = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('dig', ['@127.0.0.1', '-p', String(port), '+short', ...args])).stdout;

describe('DDNS', () => {
  it('providers that register at the same moment are all in the list', async () => {
    const all = Array.from({ length: 20 }, (_, n) => `127.0.0.${n + 1}:80`);
    const answers = await Promise.all(all.map((address) => register(address, 'crowd', 'crowd.com')));
    expect(answers.map(({ status }) => status)).toEqual(all.map(() => 201));
    await waitFor(async () => (await ddns.get('/resolve/crowd.com')).targets.length === all.length, {
      timeoutMs: 20_000,
      what: 'all of them in the table',
    });
  });

  it.skipIf(!hasDig)(
    `dig sees a change, over UDP and TCP${hasDig ? '' : ' (bind9-dnsutils is not installed)'}`,
    async () => {
      await register('127.0.0.1:8080');
      await waitFor(async () => (await dig(NAME, 'A')) === '127.0.0.1\n', { timeoutMs: 20_000, what: 'the address' });
      expect(await dig('+tcp', NAME, 'SRV')).toBe(`0 1 8080 a-127-0-0-1.${NAME}.\n`);
      await register('127.0.0.2:8081');
      await waitFor(async () => (await dig(NAME, 'A')).split('\n').length === 3, { timeoutMs: 20_000, what: 'both' });
    },
  );

  it('an address that is none, a name of another application, a name that nobody has', async () => {
    expect(await codeOf(register('0.0.0.0:80'))).toBe('422 DDNS_BAD_ADDRESS');
    expect(await codeOf(register('127.0.0.1:80', 'app1', 'not a name'))).toBe('400 PATTERN_BAD_REQUEST');
    expect((await register('127.0.0.1:1', 'owner', 'owned.com')).status).toBe(201);
    expect(await codeOf(register('127.0.0.1:2', 'thief', 'owned.com'))).toBe('403 DDNS_NOT_OWNER');
    expect(await codeOf(ddns.ask('GET', '/resolve/nobody.com'))).toBe('404 DDNS_UNKNOWN_NAME');
    expect(await codeOf(ddns.ask('PUT', '/control/domains/owned.com', { closed: true }))).toBe('403 DDNS_NOT_OWNER');
    expect((await ddns.get('/resolve/owned.com')).targets).toEqual([{ address: '127.0.0.1:1', weight: 1 }]);
  });

  it('malformed questions are answered with FORMERR or not at all, and the front goes on', async () => {
    const formErr = await new Promise<number>((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.once('error', reject);
      socket.once('message', (answer) => {
        socket.close();
        resolve(answer.readUInt16BE(2) & 0xf);
      });
      const malformed = Buffer.from('0007010000010000000000003f61', 'hex');
      socket.send(Buffer.from('00'), port, '127.0.0.1');
      socket.send(malformed, port, '127.0.0.1');
    });
    expect(formErr).toBe(1);
    const closed = new Promise<void>((resolve) => {
      // A length that no question has.
      const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from([0xff, 0xff, 0x00])));
      socket.once('close', () => resolve());
      socket.on('error', () => undefined);
    });
    await closed;
    expect((await ddns.ask('GET', '/health')).status).toBe(200);
  });
});
