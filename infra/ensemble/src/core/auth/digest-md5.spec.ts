import { describe, expect, it } from 'vitest';
import { DigestMd5Server, responseValue } from './digest-md5.js';

const answer = (fields: Record<string, string>): Buffer =>
  Buffer.from(
    Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    'utf8',
  );

const NONCE = 'abcdef';
const exchange = { user: 'bob', realm: 'zk-sasl-md5', password: 'pw', nonce: NONCE, cnonce: 'c', authzid: null };
const right = {
  username: '"bob"',
  realm: '"zk-sasl-md5"',
  nonce: `"${NONCE}"`,
  cnonce: '"c"',
  nc: '00000001',
  qop: 'auth',
  'digest-uri': '"zookeeper/zk-sasl-md5"',
  charset: 'utf-8',
  response: responseValue(exchange, 'AUTHENTICATE'),
};

function challenged(): DigestMd5Server {
  const server = new DigestMd5Server(NONCE, (user) => (user === 'bob' ? 'pw' : null));
  expect(server.evaluate(Buffer.alloc(0)).kind).toBe('continue');
  return server;
}

describe('SASL DIGEST-MD5', () => {
  it('a right answer is a user, and is answered with a proof', () => {
    const step = challenged().evaluate(answer(right));
    expect(step).toEqual({ kind: 'done', user: 'bob', token: Buffer.from(`rspauth=${responseValue(exchange, '')}`) });
  });

  it('an authorization id is part of what is hashed', () => {
    const response = responseValue({ ...exchange, authzid: 'zookeeper' }, 'AUTHENTICATE');
    expect(challenged().evaluate(answer({ ...right, authzid: '"zookeeper"', response })).kind).toBe('done');
    expect(challenged().evaluate(answer({ ...right, authzid: '"zookeeper"' })).kind).toBe('failed');
  });

  it.each([
    ['empty', ''],
    ['no directives', 'hello'],
    ['a directive twice', `${answer(right).toString()},username="super"`],
    ['an open quote', 'username="bob'],
    ['no username', answer({ ...right, username: '""', response: '' }).toString()],
  ])('an answer that is %s is refused', (_, text) => {
    expect(challenged().evaluate(Buffer.from(text)).kind).toBe('failed');
  });

  it('one attempt a connection', () => {
    const server = challenged();
    expect(server.evaluate(answer({ ...right, response: '0'.repeat(32) })).kind).toBe('failed');
    expect(server.evaluate(answer(right)).kind).toBe('failed');
  });

  it('who is unknown and who is wrong are told the same', () => {
    const reasonFor = (username: string): unknown =>
      challenged().evaluate(answer({ ...right, username, response: 'x' }));
    expect(reasonFor('"eve"')).toEqual(reasonFor('"bob"'));
  });
});
