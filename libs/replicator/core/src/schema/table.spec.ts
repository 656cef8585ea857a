import { expect, it } from 'vitest';
import { differences, type Table, unequalSums, unknownColumns, unsuitable } from './table.js';

const items: Table = {
  name: 'items',
  engine: 'InnoDB',
  columns: [
    { name: 'id', type: 'int(11)', isGenerated: false },
    { name: 'name', type: 'varchar(80)', isGenerated: false },
  ],
  primaryKey: ['id'],
};

it('a table with a primary key and plain columns is fit', () => {
  expect(unsuitable(items)).toEqual([]);
  expect(differences(items, items)).toEqual([]);
});

it('says of an unfit table what to change', () => {
  const unfit = {
    ...items,
    engine: 'MyISAM',
    primaryKey: [],
    columns: [{ name: 'at', type: 'point', isGenerated: true }],
  };
  expect(unsuitable(unfit)).toEqual([
    'items: expected a primary key, found none: ALTER TABLE items ADD PRIMARY KEY (...)',
    'items: expected ENGINE=InnoDB, found MyISAM: ALTER TABLE items ENGINE=InnoDB',
    'items.at: columns of type point are not replicated',
    'items.at: generated columns are not replicated',
  ]);
});

it('names each difference between the two sides', () => {
  const target = {
    ...items,
    columns: [
      { name: 'id', type: 'bigint(20)', isGenerated: false },
      { name: 'x', type: 'int(11)', isGenerated: false },
    ],
  };
  expect(differences(items, target)).toHaveLength(3);
  expect(unknownColumns(['id', 'name'], target)).toEqual([
    'items.name: not at the target',
    'items.x: not in the events',
  ]);
});

it('tables are equal when rows and sums are', () => {
  const sum = { table: 'items', rows: 2, sum: 'abc' };
  expect(unequalSums([sum], [sum])).toEqual([]);
  expect(unequalSums([sum], [{ ...sum, rows: 3 }])).toHaveLength(1);
  expect(unequalSums([sum], [])).toEqual(['items: not at the target']);
});
