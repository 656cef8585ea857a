import type { AllocateResponse, ContainerGrant } from '@menagerie/yarn-protocol';
import { describe, expect, it } from 'vitest';
import { MasterTable } from './master-table.js';

const small = { memoryMb: 256, vcores: 1 };
const ask = (count: number) => ({ priority: 20, resource: small, count });
const grant = (number: number): ContainerGrant => ({
  containerId: `container_1_0001_01_00000${number}`,
  nodeId: 'nm1:1',
  nodeHttpAddress: '127.0.0.1:1',
  resource: small,
  priority: 20,
  token: '',
});
const answer = (responseId: number, parts: Partial<AllocateResponse> = {}): AllocateResponse => ({
  responseId,
  granted: [],
  completed: [],
  nodeUpdates: [],
  nodeCount: 1,
  available: small,
  ...parts,
});

describe('a master asks', () => {
  it('once for what it wants, and again only when that changes', () => {
    const table = new MasterTable();
    table.want(20, small, 3);
    const first = table.next();
    expect(first.asks).toEqual([ask(3)]);
    table.answered(first, answer(1));
    table.want(20, small, 3);
    expect(table.next()).toMatchObject({ responseId: 1, asks: [] });
  });

  it('the same thing again when the answer was lost', () => {
    const table = new MasterTable();
    table.want(20, small, 3);
    table.avoid('nm2:1');
    expect(table.next()).toEqual(table.next());
  });

  it('for what it came to want while the call was under way', () => {
    const table = new MasterTable();
    table.want(20, small, 3);
    const sent = table.next();
    table.want(20, small, 5);
    table.answered(sent, answer(1));
    expect(table.next().asks).toEqual([ask(5)]);
  });

  it('for less with each container it is given', () => {
    const table = new MasterTable();
    table.want(20, small, 3);
    table.answered(table.next(), answer(1, { granted: [grant(1), grant(2)] }));
    expect(table.outstanding(20, small)).toBe(1);
  });

  it('a new ResourceManager for everything that is outstanding, and for nothing that was given', () => {
    const table = new MasterTable();
    table.want(20, small, 3);
    table.want(10, small, 1);
    table.avoid('nm2:1');
    table.release('container_1_0001_01_000009');
    table.answered(table.next(), answer(7, { granted: [grant(1), { ...grant(2), priority: 10 }] }));
    expect(table.next()).toMatchObject({ responseId: 7, asks: [], blacklistAdditions: [] });
    table.registeredAgain();
    expect(table.next()).toEqual({
      responseId: 0,
      asks: [ask(2)],
      releases: ['container_1_0001_01_000009'],
      blacklistAdditions: ['nm2:1'],
      blacklistRemovals: [],
    });
  });

  it('to release a container until its end is reported', () => {
    const table = new MasterTable();
    table.release(grant(1).containerId);
    table.answered(table.next(), answer(1));
    expect(table.next().releases).toEqual([grant(1).containerId]);
    const ended = { containerId: grant(1).containerId, state: 'COMPLETE', exitStatus: -100, diagnostics: '' } as const;
    table.answered(table.next(), answer(2, { completed: [ended] }));
    expect(table.next().releases).toEqual([]);
  });
});
