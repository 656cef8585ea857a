import { describe, expect, it } from 'vitest';
import { Comparison } from './comparison.js';
import { summaryMarkdown, summaryTable } from './summary.js';

const summary = {
  title: 'Ours beside theirs',
  command: 'npm run bench -- one',
  lines: [
    { measure: 'set: operations', row: 'set' },
    { measure: 'memory', row: 'idle' },
  ],
};

function measured() {
  const comparison = new Comparison(['ours', 'theirs']);
  const set = { name: 'set', unit: 'op/s', target: { ratioAtLeast: 2 } };
  for (const value of [300, 200, 400]) comparison.add(set, 'ours', value);
  for (const value of [100, 90, 110]) comparison.add(set, 'theirs', value);
  return summaryTable(summary, comparison, ['ours', 'theirs'], { theirs: 'Theirs 1.0' });
}

describe('the summary', () => {
  it('says of each promise what was found, and of one that nobody measured just that', () => {
    expect(measured()).toEqual({
      header: ['measure', 'target', 'ours', 'Theirs 1.0', 'ratio', 'Theirs 1.0 to itself', 'met?'],
      rows: [
        ['set: operations', '>= 2x', '300 op/s', '100 op/s', '3.00x', 'x1.22', 'met'],
        ['memory', '', '-', '-', '-', '-', 'not measured'],
      ],
      met: 1,
    });
  });

  it('is a page of Markdown with its plots', () => {
    const page = summaryMarkdown(summary, measured(), ['2 processors'], [{ fileName: 'curve.svg', svg: '' }]);
    expect(page).toContain(
      '# Ours beside theirs\n\nPrinted by `npm run bench -- one`: 1 of 2 targets met.\n\n- 2 processors\n',
    );
    expect(page).toContain('\n| set: operations | >= 2x | 300 op/s | 100 op/s | 3.00x | x1.22 | met |\n');
    expect(page).toContain('\n![curve](curve.svg)\n');
  });
});
