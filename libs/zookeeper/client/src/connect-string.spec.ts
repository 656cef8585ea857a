import { describe, expect, it } from 'vitest';
import { formatServer, fromAbsolute, parseConnectString, toAbsolute } from './connect-string.js';

describe('a connect string', () => {
  it.each([
    ['zk1', [['zk1', 2181]], ''],
    ['zk1:2182', [['zk1', 2182]], ''],
    ['zk1:1, zk2:65535 ,zk3', [['zk1', 1], ['zk2', 65535], ['zk3', 2181]], ''], // prettier-ignore
    ['zk1,zk2/', [['zk1', 2181], ['zk2', 2181]], ''], // prettier-ignore
    ['zk1:2181/a/b', [['zk1', 2181]], '/a/b'],
    ['[::1]:2182,[fe80::1]/x', [['::1', 2182], ['fe80::1', 2181]], '/x'], // prettier-ignore
  ])('%s', (text, servers, chroot) => {
    const target = parseConnectString(text);
    expect(target.servers.map(({ host, port }) => [host, port])).toEqual(servers);
    expect(target.chroot).toBe(chroot);
  });

  it.each([
    ['', 'names no server'],
    [',', 'names no server'],
    ['/a', 'names no server'],
    ['zk1:0', '"0" is not a port'],
    ['zk1:65536', '"65536" is not a port'],
    ['zk1:x', '"x" is not a port'],
    ['zk1:', '"" is not a port'],
    [':2181', 'not host:port'],
    ['::1', 'brackets'],
    ['zk1/a//b', 'chroot'],
    ['zk1/a/', 'chroot'],
  ])('%s is refused with one clear line', (text, reason) => {
    expect(() => parseConnectString(text)).toThrow(reason);
    expect(() => parseConnectString(text)).toThrow(expect.objectContaining({ code: 'ZK_CONNECT_STRING' }));
  });

  it('is written back the way it is read', () => {
    expect(formatServer({ host: 'zk1', port: 2181 })).toBe('zk1:2181');
    expect(formatServer({ host: '::1', port: 2181 })).toBe('[::1]:2181');
  });
});

describe('a chroot', () => {
  it.each([
    ['', '/', '/'],
    ['', '/a', '/a'],
    ['/r', '/', '/r'],
    ['/r', '/a', '/r/a'],
  ])('%j makes %s of it: %s, and back', (chroot, path, absolute) => {
    expect(toAbsolute(chroot, path)).toBe(absolute);
    expect(fromAbsolute(chroot, absolute)).toBe(path);
  });
});
