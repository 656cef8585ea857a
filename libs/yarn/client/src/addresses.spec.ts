import { describe, expect, it } from 'vitest';
import { formatRmAddresses, parseRmAddresses } from './addresses.js';

describe('RM_ADDRESSES', () => {
  it('names each ResourceManager with its address', () => {
    const addresses = parseRmAddresses(' rm1=127.0.0.1:8088, rm2=[::1]:8089,');
    expect(addresses).toEqual([
      { rmId: 'rm1', address: '127.0.0.1:8088' },
      { rmId: 'rm2', address: '[::1]:8089' },
    ]);
    expect(formatRmAddresses(addresses)).toBe('rm1=127.0.0.1:8088,rm2=[::1]:8089');
  });

  it.each([
    ['', 'nothing'],
    ['127.0.0.1:8088', '"127.0.0.1:8088"'],
    ['rm1=127.0.0.1', '"rm1=127.0.0.1"'],
    ['rm1=a:1,rm1=b:2', 'the same id twice'],
  ])('%j is one clear line', (text, got) => {
    expect(() => parseRmAddresses(text)).toThrow(`RM_ADDRESSES: expected id=host:port,..., got ${got}`);
  });
});
