/** What a core does about a statement in the binlog: never skips what may touch its tables. */
import type { Task } from '../layout/payloads.js';
import { classify } from './classify.js';

export type StatementDecision =
  | { readonly kind: 'skip' }
  /** To be carried out at the target, in the target's database. */
  | { readonly kind: 'apply' }
  /** Stop with the position before it. */
  | { readonly kind: 'pause'; readonly why: string };

export interface BinlogStatement {
  /** That of the session which made it. */
  readonly database: string;
  readonly sql: string;
  readonly gtid: string;
}

const MAX_SHOWN_CHARS = 160;

export function decideStatement(task: Task, { database, sql, gtid }: BinlogStatement): StatementDecision {
  const statement = classify(sql);
  const shown = JSON.stringify(sql.replace(/\s+/g, ' ').slice(0, MAX_SHOWN_CHARS));
  switch (statement.kind) {
    case 'other':
      return { kind: 'skip' };
    case 'rows':
      if (database !== task.source.database) return { kind: 'skip' };
      return {
        kind: 'pause',
        why: `expected row events, got the statement ${shown} (${gtid}): a session writes with another binlog_format. Copy the tables anew once it does not: menagerie replicator recopy`,
      };
    case 'definition': {
      const ours = statement.tables.filter(
        (name) => (name.database ?? database) === task.source.database && task.tables.includes(name.table),
      );
      if (ours.length === 0) return { kind: 'skip' };
      if (task.ddlDone === gtid) return { kind: 'skip' };
      const done = `carry it out at the target, then say so: menagerie replicator ddl-done TASK ${gtid}`;
      if (task.ddl === 'pause') return { kind: 'pause', why: `the definition of a table changes, ${shown}: ${done}` };
      const isKnown = statement.verb === 'alter' || statement.verb === 'truncate' || statement.verb === 'index';
      if (!isKnown || ours.length !== statement.tables.length) {
        return {
          kind: 'pause',
          why: `only ALTER TABLE, TRUNCATE and indexes are carried out by themselves, got ${shown}: ${done}`,
        };
      }
      const isQualified = statement.tables.some((name) => name.database !== null);
      if (isQualified && task.source.database !== task.target.database) {
        return { kind: 'pause', why: `the statement names the source's database, ${shown}: ${done}` };
      }
      return { kind: 'apply' };
    }
  }
}
