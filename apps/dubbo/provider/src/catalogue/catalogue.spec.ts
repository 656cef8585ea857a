import { isDubboError } from '@menagerie/dubbo-url';
import { describe, expect, it } from 'vitest';
import { Catalogue } from './catalogue.js';

const product = (sku: string, about: string) => ({ sku, name: sku, about, kind: 'tea', unitCents: 200, stock: 50 });
const catalogue = new Catalogue([product('assam', 'strong black leaves'), product('sencha', 'green leaves')]);
const refusal = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    if (isDubboError(error, 'DUBBO_BUSINESS') && 'reason' in error) return String(error.reason);
    throw error;
  }
  return 'none';
};

describe('search', () => {
  it('puts what has more of the words first, and equal ones in order', () => {
    expect(catalogue.search('Green leaves').map(({ sku }) => sku)).toEqual(['sencha', 'assam']);
    expect(catalogue.search('leaves').map(({ sku }) => sku)).toEqual(['assam', 'sencha']);
    expect(catalogue.search('leaves', 1)).toHaveLength(1);
    expect(catalogue.search('nothing')).toEqual([]);
  });
});

describe('a quote', () => {
  it.each([
    [4, 0, 800],
    [5, 5, 950],
    [20, 10, 3_600],
  ])('for %i is %i percent less', (quantity, discountPercent, totalCents) => {
    expect(catalogue.quote('assam', quantity)).toEqual({ sku: 'assam', quantity, discountPercent, totalCents });
  });

  it('is refused for what is not there, too much, or no number', () => {
    expect(refusal(() => catalogue.quote('gold', 1))).toBe('UNKNOWN_PRODUCT');
    expect(refusal(() => catalogue.quote('assam', 51))).toBe('OUT_OF_STOCK');
    expect(refusal(() => catalogue.quote('assam', 'many' as unknown as number))).toBe('BAD_ARGUMENT');
    expect(refusal(() => catalogue.product(null as unknown as string))).toBe('BAD_ARGUMENT');
  });
});
