import { describe, expect, it } from 'vitest';
import { PayloadError } from '../errors.js';
import { hbasePaths } from './paths.js';
import * as payload from './payload.js';
import { parseServer } from './server-name.js';

const paths = hbasePaths();
const SERVER = 'host1,16020,1690000000000';
const SALT = Buffer.from('0123456789abcdef', 'hex');

describe('the tree', () => {
  it('has HBase’s names', () => {
    expect(paths.all).toEqual([
      '/hbase',
      '/hbase/backup-masters',
      '/hbase/rs',
      '/hbase/draining',
      '/hbase/region-in-transition',
      '/hbase/table',
      '/hbase/splitWAL',
      '/hbase/replication',
      '/hbase/replication/peers',
      '/hbase/replication/rs',
    ]);
    expect(hbasePaths('/other').master).toBe('/other/master');
  });

  it('encodes a log’s path as Java’s URLEncoder does, and finds it again', () => {
    const wal = "WALs/host1,16020,1690000000000-splitting/it's (a) log~.1";
    const task = paths.splitTask(wal);
    expect(task).toBe('/hbase/splitWAL/WALs%2Fhost1%2C16020%2C1690000000000-splitting%2Fit%27s+%28a%29+log%7E.1');
    expect(paths.walOfTask(task)).toBe(wal);
    expect(paths.isRescan('/hbase/splitWAL/RESCAN0000000012')).toBe(true);
  });
});

describe('what stands in the nodes', () => {
  it('is 0xff, the writer with its salt, PBUF and HBase’s message', () => {
    const message = payload.splitTaskMessage({ state: payload.SplitState.owned, server: SERVER });
    // Field 1: varint 1. Field 2: ServerName of host (1), port (2), start code (3).
    expect(message.toString('hex')).toBe(`080112110a05${Buffer.from('host1').toString('hex')}10947d188088e6de9731`);
    const bytes = payload.wrap('7@host1', SALT, message);
    expect(bytes.subarray(0, 5).toString('hex')).toBe('ff0000000f');
    expect(bytes.subarray(5, 20)).toEqual(Buffer.concat([Buffer.from('7@host1'), SALT]));
    expect(bytes.toString('latin1', 20, 24)).toBe('PBUF');
    const read = payload.unwrap(bytes, '/node');
    expect(read.id).toEqual(Buffer.concat([Buffer.from('7@host1'), SALT]));
    expect(payload.readSplitTask(read.message, '/node')).toEqual({ state: 1, server: SERVER });
  });

  it('comes back', () => {
    const master = { server: SERVER, infoPort: 16_010 };
    expect(payload.readMaster(payload.masterMessage(master), '/')).toEqual(master);
    expect(payload.readMetaServer(payload.metaServerMessage(SERVER), '/')).toBe(SERVER);
    for (const state of Object.values(payload.TableState)) {
      expect(payload.readTable(payload.tableMessage(state), '/')).toBe(state);
    }
  });

  it('cut anywhere is refused with its path', () => {
    const bytes = payload.wrap('w', SALT, payload.splitTaskMessage({ state: 0, server: SERVER }));
    for (let end = 0; end < bytes.length; end++) {
      const read = (): unknown =>
        payload.readSplitTask(payload.unwrap(bytes.subarray(0, end), '/hbase/x').message, '/hbase/x');
      expect(read).toThrow(PayloadError);
      expect(read).toThrow(/^\/hbase\/x: expected/);
    }
  });

  it.each(['', 'host,1', 'host,70000,1', 'a b,1,2', 'host,1,x'])('%j is no server', (text) => {
    expect(() => parseServer(text)).toThrow('expected host,port,startcode');
  });
});
