/** Tables as replication sees them, and what keeps one from being replicated. */

export interface Column {
  readonly name: string;
  /** `int(10) unsigned`, as the server writes it. */
  readonly type: string;
  readonly isGenerated: boolean;
}

export interface Table {
  readonly name: string;
  readonly engine: string;
  readonly columns: readonly Column[];
  /** In the order of the key; empty without one. */
  readonly primaryKey: readonly string[];
}

/** What the binlog reader gives in a form that cannot be written back exactly. */
const UNSUPPORTED = /^(geometry|point|linestring|polygon|multi\w+|vector|bit)\b/i;

/** @returns what has to be changed, a line each, before a source's table can be replicated; nothing if it can */
export function unsuitable(table: Table): readonly string[] {
  const { name, engine, columns, primaryKey } = table;
  const problems: string[] = [];
  if (primaryKey.length === 0)
    problems.push(`${name}: expected a primary key, found none: ALTER TABLE ${name} ADD PRIMARY KEY (...)`);
  if (engine.toLowerCase() !== 'innodb')
    problems.push(`${name}: expected ENGINE=InnoDB, found ${engine}: ALTER TABLE ${name} ENGINE=InnoDB`);
  for (const column of columns) {
    if (UNSUPPORTED.test(column.type))
      problems.push(`${name}.${column.name}: columns of type ${column.type} are not replicated`);
    if (column.isGenerated) problems.push(`${name}.${column.name}: generated columns are not replicated`);
  }
  return problems;
}

/** @returns how the target's table differs, a line each, so that rows of the source would not fit; nothing if they do */
export function differences(source: Table, target: Table): readonly string[] {
  const problems: string[] = [];
  const there = new Map(target.columns.map((column) => [column.name, column]));
  for (const { name, type } of source.columns) {
    const other = there.get(name);
    if (other === undefined) problems.push(`${target.name}.${name}: expected at the target (${type}), found none`);
    else if (other.type !== type)
      problems.push(`${target.name}.${name}: expected ${type} at the target, found ${other.type}`);
    there.delete(name);
  }
  for (const name of there.keys()) problems.push(`${target.name}.${name}: at the target only`);
  if (source.primaryKey.join() !== target.primaryKey.join()) {
    problems.push(
      `${target.name}: expected the primary key (${source.primaryKey.join(', ')}) at the target, found (${target.primaryKey.join(', ')})`,
    );
  }
  if (target.engine.toLowerCase() !== 'innodb')
    problems.push(`${target.name}: expected ENGINE=InnoDB at the target, found ${target.engine}`);
  return problems;
}

/** @returns how the columns of row events differ from those of the target, in any order; nothing if they are the same */
export function unknownColumns(inEvent: readonly string[], target: Table): readonly string[] {
  const there = new Set(target.columns.map(({ name }) => name));
  const missing = inEvent.filter((name) => !there.has(name)).map((name) => `${target.name}.${name}: not at the target`);
  const seen = new Set(inEvent);
  const extra = target.columns
    .filter(({ name }) => !seen.has(name))
    .map(({ name }) => `${target.name}.${name}: not in the events`);
  return [...missing, ...extra];
}

export interface TableSum {
  readonly table: string;
  readonly rows: number;
  /** Over all rows, whatever their order. */
  readonly sum: string;
}

/** @returns the tables that are not equal, a line each */
export function unequalSums(source: readonly TableSum[], target: readonly TableSum[]): readonly string[] {
  const there = new Map(target.map((one) => [one.table, one]));
  return source.flatMap(({ table, rows, sum }) => {
    const other = there.get(table);
    if (other === undefined) return [`${table}: not at the target`];
    if (other.rows === rows && other.sum === sum) return [];
    return [`${table}: ${rows} rows with ${sum} at the source, ${other.rows} with ${other.sum} at the target`];
  });
}
