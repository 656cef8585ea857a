import { describe, expect, it } from 'vitest';

import { decodeCredential, encodeCredential, sanitize, scramCredential } from './scram-credential.js';
import { PlainServer, ScramServer } from './sasl-server.js';

describe('SCRAM-SHA-256', () => {
  // The exchange of RFC 7677, section 3.
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const credential = scramCredential('SCRAM-SHA-256', 'pencil', salt, 4096);
  const server = () =>
    new ScramServer('SCRAM-SHA-256', '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', (user) => (user === 'user' ? credential : null));
  const first = Buffer.from('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const final = `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;

  it('is what the RFC says, word for word', () => {
    const scram = server();
    const challenge = scram.step(first);
    expect(challenge).toMatchObject({ kind: 'go-on' });
    expect('token' in challenge && challenge.token.toString()).toBe(`r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
    const known = scram.step(Buffer.from(final));
    expect(known).toMatchObject({ kind: 'known', user: 'user' });
    expect('token' in known && known.token.toString()).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  });

  it.each([
    ['another proof', final.replace('p=d', 'p=e')],
    ['a short proof', `c=biws,r=${nonce},p=dHzb`],
    ['another nonce', final.replace('r=r', 'r=x')],
    ['a channel binding', final.replace('c=biws', 'c=eSws')],
    ['no proof', `c=biws,r=${nonce}`],
  ])('refuses %s', (_, message) => {
    const scram = server();
    scram.step(first);
    expect(scram.step(Buffer.from(message)).kind).toBe('refused');
  });

  it.each(['', 'n,,n=stranger,r=abc', 'n,a=other,n=user,r=abc', 'p=tls-unique,,n=user,r=abc', 'n,,n=us=er,r=abc'])(
    'refuses to begin with %j',
    (message) => {
      expect(server().step(Buffer.from(message)).kind).toBe('refused');
    },
  );

  it('keeps a credential as Kafka writes it, and takes no weak one', () => {
    const text = encodeCredential(credential);
    expect(text).toMatch(/^salt=[^,]+,stored_key=[^,]+,server_key=[^,]+,iterations=4096$/);
    expect(decodeCredential(text)).toEqual(credential);
    expect(decodeCredential(text.replace('4096', '1'))).toBeNull();
    expect(decodeCredential('nonsense')).toBeNull();
  });
});

describe('PLAIN', () => {
  const server = new PlainServer((user, password) => user === 'alice' && password === 'secret');

  it('knows who has the password, and nobody as somebody else', () => {
    expect(server.step(Buffer.from('\0alice\0secret'))).toMatchObject({ kind: 'known', user: 'alice' });
    for (const token of ['\0alice\0wrong', 'bob\0alice\0secret', '\0alice', '\0\0secret', 'alice\0secret\0x\0y']) {
      expect(server.step(Buffer.from(token)).kind).toBe('refused');
    }
  });
});

it('a user is a node whatever its name', () => {
  expect(sanitize('a/b *')).toBe('a%2Fb%20%2A');
});
