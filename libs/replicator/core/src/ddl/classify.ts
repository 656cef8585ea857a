/**
 * What a statement in the binlog means for a task. Row events carry the rows; statements are left for what is no row: the
 * definitions of tables, TRUNCATE, and changes of rows by a session that does not log rows.
 */

export type Statement =
  /** Of no concern to rows: BEGIN, COMMIT, GRANT, CREATE VIEW, ... */
  | { readonly kind: 'other' }
  /** A change of rows without row events. Which tables it touches, only the server could say. */
  | { readonly kind: 'rows'; readonly verb: string }
  | { readonly kind: 'definition'; readonly verb: DdlVerb; readonly tables: readonly TableName[] };

export interface TableName {
  /** Null: that of the session. */
  readonly database: string | null;
  readonly table: string;
}

export const DDL_VERBS = ['create', 'alter', 'drop', 'truncate', 'rename', 'index'] as const;
export type DdlVerb = (typeof DDL_VERBS)[number];

/** Longer ones are cut before they are looked at: names stand at the front. */
const MAX_LOOK_CHARS = 10_000;
const PART = '(?:`(?:[^`]|``)+`|[\\w$]+)';
const NAME = `${PART}(?:\\s*\\.\\s*${PART})?`;
const LIST = `(${NAME}(?:\\s*,\\s*${NAME})*)`;

const forms: readonly (readonly [DdlVerb, RegExp])[] = [
  ['create', new RegExp(`^create\\s+(?:or\\s+replace\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?${LIST}`, 'i')],
  ['alter', new RegExp(`^alter\\s+(?:online\\s+)?(?:ignore\\s+)?table\\s+(?:if\\s+exists\\s+)?${LIST}`, 'i')],
  ['drop', new RegExp(`^drop\\s+table\\s+(?:if\\s+exists\\s+)?${LIST}`, 'i')],
  ['truncate', new RegExp(`^truncate\\s+(?:table\\s+)?${LIST}`, 'i')],
  ['rename', new RegExp(`^rename\\s+tables?\\s+(?:if\\s+exists\\s+)?(.+)$`, 'is')],
  [
    'index',
    new RegExp(
      `^(?:create|drop)\\s+(?:or\\s+replace\\s+)?(?:unique\\s+|fulltext\\s+|spatial\\s+)?index\\s.*?\\son\\s+(${NAME})`,
      'is',
    ),
  ],
];
const ROWS = /^(insert|replace|update|delete|load|call|with)\b/i;

export function classify(sql: string): Statement {
  const text = sql
    .slice(0, MAX_LOOK_CHARS)
    .replace(/\/\*.*?\*\//gs, ' ')
    .replace(/^(\s|--[^\n]*\n|#[^\n]*\n)+/, '')
    .trim();
  for (const [verb, form] of forms) {
    const match = form.exec(text);
    if (match?.[1] === undefined) continue;
    const found = match[1].match(new RegExp(NAME, 'g')) ?? [];
    const names = verb === 'rename' ? found.filter((word) => !/^to$/i.test(word)) : found;
    return { kind: 'definition', verb, tables: names.map(tableName) };
  }
  const rows = ROWS.exec(text)?.[1];
  return rows === undefined ? { kind: 'other' } : { kind: 'rows', verb: rows.toLowerCase() };
}

function tableName(text: string): TableName {
  const parts = (text.match(new RegExp(PART, 'g')) ?? []).map((part) =>
    part.startsWith('`') ? part.slice(1, -1).replaceAll('``', '`') : part,
  );
  const [first = '', second] = parts;
  return second === undefined ? { database: null, table: first } : { database: first, table: second };
}
