/** `npm run keys -w @menagerie/ensemble`: the table of keys in docs/operations.md, as the code has them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withKeyTable } from './key-table.js';

const file = join(import.meta.dirname, '../../../../../docs/operations.md');
writeFileSync(file, withKeyTable(readFileSync(file, 'utf8')));
