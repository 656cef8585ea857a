import { describe, expect, it } from 'vitest';
import { QuorumConfigError } from '../errors.js';
import { formatQuorumConfig, formatServerValue, parseQuorumConfigText, parseServerValue } from './index.js';

describe('a server line', () => {
  it.each([
    ['h:2888:3888', 'h:2888:3888:participant'],
    ['h:2888:3888:OBSERVER', 'h:2888:3888:observer'],
    ['h:2888:3888;2181', 'h:2888:3888:participant;0.0.0.0:2181'],
    ['h:2888:3888:participant;127.0.0.1:2181', 'h:2888:3888:participant;127.0.0.1:2181'],
    ['[::1]:2888:3888;[fe80::1]:2181', '[::1]:2888:3888:participant;[fe80::1]:2181'],
  ])('%s is written as %s', (value, written) => {
    const parsed = parseServerValue(1, value);
    if (!('ok' in parsed)) throw new Error(parsed.problem);
    expect(formatServerValue(parsed.ok)).toBe(written);
  });

  it.each([
    ['h', /expected host:quorumPort:electionPort/],
    ['h:2888', /expected host:quorumPort:electionPort/],
    ['h:2888:3888:voter', /expected participant or observer, found "voter"/],
    ['h:2888:2888', /expected different quorum and election ports, found 2888/],
    ['h:0:3888', /expected host:quorumPort:electionPort/],
    ['h:2888:70000', /expected host:quorumPort:electionPort/],
    ['h:2888:3888;x', /expected \[clientHost:\]clientPort behind ";", found "x"/],
    ['h:2888:3888;1;2', /expected host:quorumPort:electionPort/],
    ['a:1:2|b:1:2', /expected one address a server/],
    ['[::1:2888:3888', /expected host:quorumPort:electionPort/],
  ])('%s is refused with one line', (value, problem) => {
    const parsed = parseServerValue(1, value);
    expect('problem' in parsed && parsed.problem).toMatch(problem);
  });
});

describe('a configuration as text', () => {
  // As Apache 3.8.0 shows it in /zookeeper/config.
  const majority = 'server.1=127.0.0.1:2888:3888:participant\nserver.2=127.0.0.1:2889:3889:participant\nversion=0';
  const hierarchy = [
    'server.1=a:1:2:participant',
    'server.2=b:1:2:participant;0.0.0.0:2181',
    'server.3=c:1:2:observer',
    'group.1=1',
    'group.2=2',
    'weight.1=1',
    'weight.2=3',
    'version=100000000',
  ].join('\n');

  it.each([majority, hierarchy])('is read and written the same', (text) => {
    expect(formatQuorumConfig(parseQuorumConfigText(text))).toBe(text);
  });

  it('says which version it is', () => {
    expect(parseQuorumConfigText(hierarchy).version).toBe(0x1_0000_0000n);
  });

  it.each([
    ['version=0', 'expected at least one participant, found 0 servers without one'],
    ['server.1=a:1:2\nserver.01=b:1:2', 'expected each id once, found server.1 twice'],
    ['server.x=a:1:2', 'expected a server id from 0 to 255, found "x"'],
    ['server.256=a:1:2', 'expected a server id from 0 to 255, found "256"'],
    ['server.1=a:1', 'server.1: expected host:quorumPort:electionPort'],
    ['server.1=a:1:2\nserver.2=b:1:2\ngroup.1=1', 'expected every participant in a group, found server.2 in none'],
    ['server.1=a:1:2\ngroup.1=1\ngroup.2=1', 'expected each server in one group, found 1 in two'],
    ['server.1=a:1:2\ngroup.1=1:9', 'expected ids of servers in groups, found 9 without a line server.9'],
    ['server.1=a:1:2\nweight.1=-1', 'weight.1: expected a weight of 0 or more, found "-1"'],
    ['server.1=a:1:2\nversion=zz', 'expected a version in hex digits, found "zz"'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => parseQuorumConfigText(text)).toThrow(QuorumConfigError);
    expect(() => parseQuorumConfigText(text)).toThrow(message);
  });
});
