import { describe, expect, it } from 'vitest';

import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

function capture() {
  const records: Record<string, unknown>[] = [];
  const to = { write: (line: string) => void records.push(JSON.parse(line) as Record<string, unknown>) };
  return { records, logger: createLogger({ name: 'test/service', instance: 't1', level: 'info', to }) };
}

describe('logs', () => {
  it('a record says who, when and how bad', () => {
    const { records, logger } = capture();
    logger.warn({ sessionId: -1n, zxid: 0x100000002n, tries: 3 }, 'session lost');
    expect(records[0]).toMatchObject({
      level: 'warn',
      service: 'test/service',
      instance: 't1',
      pid: process.pid,
      sessionId: '0xffffffffffffffff',
      zxid: '0x100000002',
      tries: 3,
      msg: 'session lost',
    });
    expect(records[0]?.['time']).toMatch(/^\d{4}-.*Z$/);
  });

  it("keeps Nest's context, and leaves out what Nest wires", () => {
    const { records, logger } = capture();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/health, GET} route', 'RouterExplorer');
    nest.log('elected', 'Election');
    nest.error(new Error('broken'), 'stack', 'Election');
    nest.error('No such provider', 'stack', 'ExceptionHandler');
    expect(records.map(({ level, context, msg }) => [level, context, msg])).toEqual([
      ['info', 'Election', 'elected'],
      ['error', 'Election', 'broken'],
    ]);
  });
});
