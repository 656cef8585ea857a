import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { menagerie } from '../declare/menagerie.js';
import { findProcess, plan } from '../declare/plan.js';
import { parseSettings } from '../declare/settings.js';
import { AlreadyRunningError } from '../errors.js';
import { layout } from './layout.js';
import { identify, isAlive, isPaused, parseStat, signalProcess } from './process-identity.js';
import { Registry } from './registry.js';

let dataRoot: string;

beforeEach(() => {
  dataRoot = mkdtempSync(join(tmpdir(), 'menagerie-registry-'));
});
afterEach(() => rmSync(dataRoot, { recursive: true, force: true }));

function sleeper() {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const identity = identify(child.pid ?? -1);
  if (identity === undefined) throw new Error('sleep did not start');
  return { child, identity };
}

describe('the identity of a process', () => {
  it('is its own as long as it lives, and nobody else’s afterwards', async () => {
    const { child, identity } = sleeper();
    expect(isAlive(identity)).toBe(true);
    expect(isPaused(identity)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(identity)).toBe(false);
    expect(signalProcess(identity, 'SIGTERM')).toBe(false);
  });

  it('a recycled pid is never signalled', async () => {
    const { child, identity } = sleeper();
    expect(signalProcess({ ...identity, startTime: 'another boot:1' }, 'SIGKILL')).toBe(false);
    expect(isAlive(identity)).toBe(true);
    expect(signalProcess(identity, 'SIGKILL')).toBe(true);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('reads start time and state behind a name full of brackets and spaces', () => {
    const fields = Array.from({ length: 30 }, (_, index) => String(index));
    expect(parseStat(`7 (a) S 1 (b) Z ${fields.slice(1).join(' ')}`)).toMatchObject({ state: 'Z', dead: true });
    expect(parseStat(`7 (x) S ${fields.slice(1).join(' ')}`)).toEqual({ state: 'S', dead: false, startTicks: '19' });
    expect(parseStat('')).toBeUndefined();
  });
});

describe('the registry', () => {
  it('gives back what was recorded, and leaves no half-written file', () => {
    const registry = new Registry(dataRoot);
    const zk1 = findProcess(plan(menagerie, parseSettings('/', { dataRoot })), 'zk1');
    registry.recordProcess(zk1, { pid: 7, startTime: 'boot:9' }, 2, 47_001);
    expect(registry.process('zk1')).toMatchObject({
      id: 'zk1',
      group: 'ensemble',
      pid: 7,
      startTime: 'boot:9',
      ports: { client: 2181, peer: 2888, election: 3888, admin: 8081 },
      gid: 47_001,
      restarts: 2,
    });
    expect(readdirSync(layout.runDir(dataRoot))).toEqual(['zk1.json']);
    registry.forgetProcess('zk1');
    expect(registry.process('zk1')).toBeUndefined();
  });

  it('a record that is no JSON, or names no process, is as good as none', () => {
    const registry = new Registry(dataRoot);
    registry.claimGroup('ensemble', { pid: 1, startTime: 'x' });
    for (const content of ['', '{"pid":', '[]', '{"pid":"7","startTime":"x"}', 'null']) {
      writeFileSync(layout.record(dataRoot, 'zk1'), content);
      expect(registry.process('zk1'), content).toBeUndefined();
    }
  });

  it('a group has one supervisor at a time; a dead one does not count', async () => {
    const registry = new Registry(dataRoot);
    const { child, identity } = sleeper();
    registry.claimGroup('yarn/node-manager', identity);
    expect(() => registry.claimGroup('yarn/node-manager', { pid: 1, startTime: 'x' })).toThrow(AlreadyRunningError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    registry.claimGroup('yarn/node-manager', { pid: 1, startTime: 'x' });
    expect(registry.supervisor('yarn/node-manager')).toEqual({ group: 'yarn/node-manager', pid: 1, startTime: 'x' });
    expect(readdirSync(layout.runDir(dataRoot))).toEqual(['supervisor.yarn.node-manager.json']);
  });

  it('remembers the settings of the last start', () => {
    const registry = new Registry(dataRoot);
    expect(registry.lastSettings()).toBeUndefined();
    const settings = parseSettings('/', { dataRoot, portOffset: '3', zkConnect: 'a:1' });
    registry.recordSettings(settings);
    expect(registry.lastSettings()).toEqual(settings);
  });
});
