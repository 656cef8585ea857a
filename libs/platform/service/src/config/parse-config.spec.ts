import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ConfigError } from '../errors.js';
import { env, serviceEnv, serviceSettings } from './env.js';
import { type Environment, parseConfig } from './parse-config.js';

const schema = z
  .object({
    ...serviceEnv,
    RM_ID: env.text(),
    RM_HTTP_PORT: env.port(),
    RM_ADDRESSES: env.addresses().optional(),
    ZK_CONNECT: env.zkConnect().default('127.0.0.1:2181'),
    NM_MEMORY_MB: env.integer(1, 1024).default(512),
    ON: env.flag().default(false),
  })
  .transform((e) => ({
    ...serviceSettings(e, e.RM_HTTP_PORT),
    id: e.RM_ID,
    addresses: e.RM_ADDRESSES,
    zk: e.ZK_CONNECT,
  }));
const good: Environment = { RM_ID: 'rm1', RM_HTTP_PORT: '8088' };

function mistake(environment: Environment): string {
  try {
    parseConfig(schema, { ...good, ...environment });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('expected a ConfigError');
}

describe('parseConfig', () => {
  it('gives typed values and defaults', () => {
    const config = parseConfig(schema, { ...good, RM_ADDRESSES: 'rm1=127.0.0.1:8088, rm2=host:8089' });
    expect(config).toMatchObject({
      http: { host: '127.0.0.1', port: 8088 },
      logLevel: 'info',
      stopDeadlineMs: 10_000,
      zk: '127.0.0.1:2181',
    });
    expect([...(config.addresses ?? [])]).toEqual([
      ['rm1', { host: '127.0.0.1', port: 8088 }],
      ['rm2', { host: 'host', port: 8089 }],
    ]);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it.each([
    [{ RM_ID: '' }, 'RM_ID: is not set'],
    [{ RM_HTTP_PORT: '70000' }, 'RM_HTTP_PORT: expected a whole number from 0 to 65535, got "70000"'],
    [{ RM_HTTP_PORT: '80x' }, 'RM_HTTP_PORT: expected a whole number from 0 to 65535, got "80x"'],
    [{ NM_MEMORY_MB: '-1' }, 'NM_MEMORY_MB: expected a whole number from 1 to 1024, got "-1"'],
    [{ ON: 'yes' }, 'ON: expected true or false, got "yes"'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"'],
    [{ ZK_CONNECT: 'host' }, 'ZK_CONNECT: expected host:port,host:port,... and maybe a /chroot, got "host"'],
    [
      { RM_ADDRESSES: 'rm1=a:1,rm1=b:2' },
      'RM_ADDRESSES: expected id=host:port,id=host:port,... with each id once, got "rm1=a:1,rm1=b:2"',
    ],
  ])('%j is refused with its name', (environment, message) => {
    expect(mistake(environment)).toBe(message);
  });

  it('ZK_CONNECT may end in a chroot', () => {
    const config = parseConfig(schema, { ...good, ZK_CONNECT: 'a:1,b:2/yarn/test' });
    expect(config.zk).toBe('a:1,b:2/yarn/test');
  });
});
