import { describe, expect, it } from 'vitest';
import { checkInstance, decodeInstance, encodeInstance, type ServiceInstance } from './instance.js';
import { roundRobin, sticky, weighted } from './strategy.js';

const instance = (id: string, payload?: unknown): ServiceInstance => {
  return { name: 'orders', id, address: '10.0.0.1', port: 80, payload, registeredAtMs: 1 };
};

describe('a service instance', () => {
  it('is read as it was written', () => {
    const one = instance('a', { zone: 'x' });
    expect(decodeInstance(Buffer.from(encodeInstance(one)))).toEqual(one);
  });

  it('written by Curator is read, also when only the TLS port is given', () => {
    const text = '{"name":"orders","id":"b","address":"h","port":null,"sslPort":443,"serviceType":"DYNAMIC"}';
    expect(decodeInstance(Buffer.from(text))).toMatchObject({ id: 'b', address: 'h', port: 443 });
  });

  it.each(['', 'no json', '{"name":"orders"}', '[]', 'null'])('is nothing in %j', (text) => {
    expect(decodeInstance(Buffer.from(text))).toBeNull();
  });

  it.each([
    [{ port: 0 }, /port/],
    [{ id: 'a/b' }, /id/],
    [{ address: '' }, /address/],
    [{ name: '' }, /name/],
  ])('that nobody could call is refused: %j', (wrong, message) => {
    expect(() => checkInstance({ ...instance('a'), ...wrong })).toThrow(message);
  });
});

describe('a strategy', () => {
  const three = ['a', 'b', 'c'].map((id) => instance(id));

  it('round robin takes each in turn', () => {
    const strategy = roundRobin();
    expect([1, 2, 3, 4].map(() => strategy.pick(three).id)).toEqual(['b', 'c', 'a', 'b']);
  });

  it('sticky stays with one for as long as it is there', () => {
    const strategy = sticky(roundRobin());
    const first = strategy.pick(three);
    expect(strategy.pick(three)).toBe(first);
    expect(strategy.pick(three.filter((one) => one !== first))).not.toBe(first);
  });

  it('weighted takes none of weight 0 while others are there', () => {
    const choice = [instance('a', { weight: 0 }), instance('b', { weight: 3 }), instance('c')];
    const dice = [0, 0.5, 0.74, 0.76, 0.99];
    expect(dice.map((die) => weighted(() => die).pick(choice).id)).toEqual(['b', 'b', 'b', 'c', 'c']);
    expect(weighted(() => 0.5).pick([instance('a', { weight: 0 })]).id).toBe('a');
  });
});
