/** Which names a node may have. */
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

const unit = (code: number): string => String.fromCharCode(code);

export const paths = about(
  'paths',
  claim('names may hold almost anything', async ({ client, root }) => {
    const names = ['a b', ' ', '...', '.a', 'a.', '..a', 'a..', '-', '%', '"', '\\', 'ä', 'a\u00a0b', '日本語', 'ﬁ'];
    for (const name of names) expect(ok(await client.create(`${root}/${name}`))).toBe(`${root}/${name}`);
    expect(ok(await client.getChildren(root))).toEqual([...names].sort());
  }),
  claim('dots alone are no names', async ({ client, root }) => {
    for (const name of ['.', '..']) {
      expectError(await client.create(`${root}/${name}`), 'BadArguments');
    }
  }),
  claim('control characters are refused', async ({ client, root }) => {
    for (const code of [0x01, 0x0a, 0x1f, 0x7f, 0x80, 0x9f]) {
      expectError(await client.create(`${root}/a${unit(code)}b`), 'BadArguments');
    }
    for (const code of [0x20, 0x7e, 0xa0]) ok(await client.create(`${root}/a${unit(code)}b`));
  }),
  claim('surrogates, private use and specials are refused', async ({ client, root }) => {
    for (const code of [0xe000, 0xf8ff, 0xfff0, 0xfffd, 0xffff]) {
      expectError(await client.create(`${root}/a${unit(code)}b`), 'BadArguments');
    }
    for (const code of [0xd7ff, 0xf900, 0xffef]) ok(await client.create(`${root}/a${unit(code)}b`));
    expectError(await client.create(`${root}/\u{1f600}`), 'BadArguments');
  }),
  claim('empty names are refused, where the parent is there', async ({ client, root }) => {
    // `${root}/` has the parent `${root}`; `${root}//` has the parent `${root}/`, which no node is.
    expectError(await client.create(`${root}/`), 'BadArguments');
    expectError(await client.create(`${root}//`), 'NoNode');
    expectError(await client.create(`${root}//a`), 'NoNode');
  }),
  claim('a path has to begin with a slash', async ({ client, root }) => {
    expectError(await client.create(''), 'BadArguments');
    expectError(await client.create('a'), 'BadArguments');
    expectError(await client.create(`a${root}`), 'NoNode');
  }),
  claim('a name may be long', async ({ client, root }) => {
    const name = 'n'.repeat(100_000);
    ok(await client.create(`${root}/${name}`));
    expect(ok(await client.getChildren(root))).toEqual([name]);
  }),
  claim('a path may be deep', async ({ client, root }) => {
    let path = root;
    for (let depth = 0; depth < 200; depth++) ok(await client.create((path += '/d')));
    ok(await client.exists(path));
    expect(ok(await client.getAllChildrenNumber(root))).toBe(200);
  }),
  claim('a sequential node may be called by its number alone', async ({ client, root }) => {
    const flags = CreateMode.persistentSequential;
    expect(ok(await client.create(`${root}/`, { flags }))).toBe(`${root}/0000000000`);
  }),
  claim('a sequential name is judged with its number', async ({ client, root }) => {
    const flags = CreateMode.persistentSequential;
    expect(ok(await client.create(`${root}/.`, { flags }))).toBe(`${root}/.0000000000`);
    expect(ok(await client.create(`${root}/..`, { flags }))).toBe(`${root}/..0000000001`);
    expectError(await client.create(`${root}/${unit(1)}`, { flags }), 'BadArguments');
  }),
  claim('Latin, Greek and Asian names sort and come back as they were', async ({ client, root }) => {
    const data = Buffer.from('ϰ');
    ok(await client.create(`${root}/Ελλάς`, { data }));
    expect(ok(await client.getData(`${root}/Ελλάς`)).data).toEqual(data);
  }),
);
