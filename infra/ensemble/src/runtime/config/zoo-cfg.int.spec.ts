import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../__fixtures__/disk.js';
import { loadZooCfg } from './zoo-cfg.js';

const QUORUM = ['initLimit=10', 'syncLimit=5', 'server.1=a:2888:3888', 'server.2=b:2888:3888', 'server.3=c:2888:3888'];

/** A file with these lines; `@` in one stands for its directory. */
function zooCfg(lines: readonly string[], myid?: string): { file: string; directory: string } {
  const directory = scratchDirectory();
  const file = join(directory, 'zoo.cfg');
  writeFileSync(file, lines.join('\n').replaceAll('@', directory));
  if (myid !== undefined) writeFileSync(join(directory, 'myid'), myid);
  return { file, directory };
}

/** The one line that starting with these gives, the directory written as `@`. */
function problemOf(lines: readonly string[], myid?: string): string {
  const { file, directory } = zooCfg(lines, myid);
  try {
    loadZooCfg(file);
  } catch (error) {
    return (error as Error).message.replaceAll(directory, '@');
  }
  return 'none';
}

describe('zoo.cfg', () => {
  it('of a standalone server gets the defaults of Apache', () => {
    const { file, directory } = zooCfg(['dataDir=@', 'clientPort=2181']);
    const config = loadZooCfg(file);
    expect(config).toMatchObject({
      serverId: 0,
      quorum: null,
      timing: { tickTimeMs: 3000, electionConnectTimeoutMs: 5000, minNotificationIntervalMs: 200 },
      clientPort: {
        address: { host: '0.0.0.0', port: 2181 },
        maxClientCnxns: 60,
        minSessionTimeoutMs: 6000,
        maxSessionTimeoutMs: 60_000,
        globalOutstandingLimit: 1000,
      },
      storage: { dataDir: directory, dataLogDir: directory, snapCount: 100_000, preAllocBytes: 65_536 * 1024 },
      warnings: [],
    });
    expect([...config.fourLetterWords]).toEqual(['srvr']);
  });

  it('of a quorum server knows itself by myid, and everybody else by address', () => {
    const { file } = zooCfg(['dataDir=@', 'clientPort=2181', 'tickTime=2000', ...QUORUM], '2\n');
    const config = loadZooCfg(file);
    expect(config).toMatchObject({ serverId: 2, role: 'participant', timing: { initLimitTicks: 10 } });
    expect(config.quorum?.members.map(({ id, election }) => [id, election.host, election.port])).toEqual([
      [1, 'a', 3888],
      [2, 'b', 3888],
      [3, 'c', 3888],
    ]);
  });

  it('may keep the server lines in a file of their own, whose name says the version', () => {
    const { file, directory } = zooCfg(
      ['dataDir=@', 'initLimit=1', 'syncLimit=1', 'dynamicConfigFile=@/zoo.dynamic.1f'],
      '1',
    );
    writeFileSync(
      join(directory, 'zoo.dynamic.1f'),
      'server.1=a:1:2;2181\nserver.2=[::1]:1:2:observer;h:3\nserver.3=c:1:2',
    );
    const config = loadZooCfg(file);
    expect(config.quorum?.version).toBe(0x1fn);
    expect(config.quorum?.members[1]).toEqual({
      id: 2,
      quorum: { host: '::1', port: 1 },
      election: { host: '::1', port: 2 },
      role: 'observer',
      client: { host: 'h', port: 3 },
    });
    expect(config.clientPort.address).toEqual({ host: '0.0.0.0', port: 2181 });
  });

  it('warns of keys nobody knows and of repeated ones, and takes the last', () => {
    const { file } = zooCfg(['dataDir=@', 'clientPort=1', 'clientPort=2', 'tickTimee=3', 'watcherCleanThreshold=9']);
    const { warnings, clientPort } = loadZooCfg(file);
    expect(clientPort.address?.port).toBe(2);
    expect(warnings).toEqual([
      expect.stringMatching(/zoo\.cfg:3: clientPort was set in line 2 already, this one counts$/),
      expect.stringMatching(/zoo\.cfg:4: tickTimee is not a key of this server and has no effect$/),
    ]);
  });

  const bad: [title: string, lines: string[], myid: string | undefined, problem: string][] = [
    [
      'no dataDir',
      ['clientPort=1'],
      undefined,
      '@/zoo.cfg: dataDir is not set, expected the directory for snapshots and myid',
    ],
    [
      'a number that is none',
      ['dataDir=@', 'tickTime=two'],
      undefined,
      '@/zoo.cfg:2: tickTime: expected a whole number of 1 or more, found "two"',
    ],
    [
      'a port out of range',
      ['dataDir=@', 'clientPort=70000'],
      undefined,
      '@/zoo.cfg:2: clientPort: expected a whole number from 0 to 65535, found "70000"',
    ],
    [
      'a switch that is none',
      ['dataDir=@', 'standaloneEnabled=on'],
      undefined,
      '@/zoo.cfg:2: standaloneEnabled: expected true or false, found "on"',
    ],
    [
      'a line that says nothing',
      ['dataDir=@', 'clientPort=1', 'hello world'],
      undefined,
      '@/zoo.cfg:3: expected key=value, found "hello world"',
    ],
    [
      'a server line without ports',
      ['dataDir=@', 'clientPort=1', 'server.1=localhost'],
      '1',
      '@/zoo.cfg:3: server.1: expected host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort], found "localhost"',
    ],
    [
      'a server id that is none',
      ['dataDir=@', 'server.x=a:1:2'],
      '1',
      '@/zoo.cfg:2: server.x: expected an id from 0 to 255 behind the dot, found "x"',
    ],
    [
      'no initLimit for a quorum',
      ['dataDir=@', 'clientPort=1', ...QUORUM.slice(1)],
      '1',
      '@/zoo.cfg: initLimit is not set, expected a number of ticks, since there are server lines',
    ],
    [
      'no myid for a quorum',
      ['dataDir=@', 'clientPort=1', ...QUORUM],
      undefined,
      "@/myid: expected this server's id, found no such file",
    ],
    [
      'a myid that is no number',
      ['dataDir=@', 'clientPort=1', ...QUORUM],
      'one',
      '@/myid:1: expected this server\'s id, a number from 0 to 255, found "one"',
    ],
    [
      'an id that is not in the list',
      ['dataDir=@', 'clientPort=1', ...QUORUM],
      '7',
      '@/myid:1: expected one of the servers 1, 2, 3 of @/zoo.cfg, found 7',
    ],
    [
      'the client port of another server',
      ['dataDir=@', 'clientPort=2181', 'initLimit=1', 'syncLimit=1', 'server.1=a:1:2;2181', 'server.2=a:3:4;2182'],
      '2',
      '@/zoo.cfg:2: clientPort: expected 0.0.0.0:2182 as in server.2 (myid says 2), found 0.0.0.0:2181',
    ],
    [
      'TLS without a certificate',
      ['dataDir=@', 'clientPort=1', 'secureClientPort=2'],
      undefined,
      '@/zoo.cfg: ssl.keyStore.location is not set, expected the key and certificate of this server',
    ],
    [
      'TLS between servers without a certificate',
      ['dataDir=@', 'clientPort=1', 'sslQuorum=true', ...QUORUM],
      '1',
      '@/zoo.cfg: ssl.quorum.keyStore.location is not set, expected the key and certificate of this server',
    ],
    [
      'a cipher suite that is none',
      ['dataDir=@', 'secureClientPort=2', 'ssl.keyStore.location=a.pem', 'ssl.ciphersuites=TLS_NULL'],
      undefined,
      '@/zoo.cfg:4: ssl.ciphersuites: expected cipher suites that this machine has, found "TLS_NULL"',
    ],
    [
      'a key store of no known form',
      ['dataDir=@', 'secureClientPort=2', 'ssl.keyStore.location=a.key', 'ssl.keyStore.password=hidden'],
      undefined,
      '@/zoo.cfg:3: ssl.keyStore.location: expected a .pem, .p12 or .jks file or ssl.keyStore.type',
    ],
    [
      'a password and no separator',
      [
        'dataDir=@',
        'clientPort=1',
        'ssl.keystore.pasword hunter2',
        'ssl.keyStore.password hunter2',
        'passwordd hunter2',
      ],
      undefined,
      '@/zoo.cfg:3: expected key=value, found "ssl.keystore.pasword"',
    ],
    [
      'an authentication that nobody provides',
      ['dataDir=@', 'clientPort=1', 'enforce.auth.enabled=true', 'enforce.auth.schemes=sasl'],
      undefined,
      '@/zoo.cfg:4: enforce.auth.schemes: expected schemes that are there (ip, digest), found sasl',
    ],
    [
      'SASL demanded and not provided',
      ['dataDir=@', 'clientPort=1', 'sessionRequireClientSASLAuth=true'],
      undefined,
      '@/zoo.cfg:3: sessionRequireClientSASLAuth: expected ' +
        'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider as well, it is not set',
    ],
    [
      'a provider of another make',
      ['dataDir=@', 'clientPort=1', 'authProvider.9=com.example.Provider'],
      undefined,
      '@/zoo.cfg:3: authProvider.9: expected ' +
        ['SASL', 'X509', 'Digest', 'IP']
          .map((name) => `org.apache.zookeeper.server.auth.${name}AuthenticationProvider`)
          .join(' or ') +
        ', found com.example.Provider',
    ],
    [
      'a login configuration that is not there',
      ['dataDir=@', 'clientPort=1', 'java.security.auth.login.config=/nowhere/jaas.conf'],
      undefined,
      '@/zoo.cfg:3: java.security.auth.login.config: expected a file, found ' +
        "ENOENT: no such file or directory, open '/nowhere/jaas.conf'",
    ],
    [
      'session timeouts upside down',
      ['dataDir=@', 'clientPort=1', 'minSessionTimeout=9', 'maxSessionTimeout=8'],
      undefined,
      '@/zoo.cfg:3: minSessionTimeout: expected a minimum of at most the maximum, found 9 and 8',
    ],
    [
      'only observers',
      ['dataDir=@', 'clientPort=1', 'server.1=a:1:2:observer'],
      '1',
      '@/zoo.cfg: expected at least one participant, found 1 servers without one',
    ],
  ];

  it.each(bad)('with %s is one clear line', (_, lines, myid, problem) => {
    expect(problemOf(lines, myid)).toBe(problem);
  });

  it('that is not there, or a dataDir that is a file, is one clear line', () => {
    expect(() => loadZooCfg('/nowhere/zoo.cfg')).toThrow(
      /^\/nowhere\/zoo\.cfg: expected a configuration, found ENOENT: no such file/,
    );
    const { file, directory } = zooCfg(['dataDir=@/file', 'clientPort=1']);
    writeFileSync(join(directory, 'file'), '');
    expect(() => loadZooCfg(file)).toThrow(`${directory}/file: expected a directory, found a file`);
    mkdirSync(join(directory, 'myid'));
    expect(problemOf(['dataDir=@', 'clientPort=1'])).toBe('none');
  });
});
