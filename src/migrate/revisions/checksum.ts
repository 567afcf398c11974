import { toHex } from '../../util/hex.ts';
import type { DialectSql } from '../operations/operation.ts';
import type { Revision } from './revision.ts';
import { plainSql } from './split-sql.ts';
import type { RevisionStep } from './steps.ts';

/**
 * A digest of what a revision does: the same whatever its line endings, its formatting and comments, its place in the
 * graph and its message. How it is taken back is not in it, since that has not been done.
 */
export async function checksumOf({ up }: Revision): Promise<string> {
  const bytes = new TextEncoder().encode(canonical(up.map(plainStep)));
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function plainStep(step: RevisionStep): unknown {
  switch (step.kind) {
    case 'sql':
      return { kind: 'sql', sql: plainTexts(step.up), transactional: step.transactional };
    case 'data':
      return { kind: 'data', name: step.name };
    case 'apart':
      return { kind: 'apart', sql: plainSql(step.sql) };
    case 'variant':
      return { kind: 'variant', of: eachOf(step.of, (steps) => steps.map(plainStep)) };
    default:
      return step;
  }
}

function plainTexts(sql: DialectSql): unknown {
  return isList(sql) ? sql.map(plainSql) : eachOf(sql, (texts) => texts.map(plainSql));
}

function eachOf<V, R>(record: Readonly<Record<string, V>>, change: (value: V) => R): Readonly<Record<string, R>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function isList(sql: DialectSql): sql is readonly string[] {
  return Array.isArray(sql);
}

/** JSON with the keys in order. What is undefined is as if it were not there. */
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}n"`;
  if (typeof value === 'string') return JSON.stringify(value.replaceAll('\r\n', '\n'));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== 'function');
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}
