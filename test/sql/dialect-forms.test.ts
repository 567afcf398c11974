import { createClient } from '@libsql/client';
import {
  type AnyExpr,
  bitAnd,
  bitOr,
  bitXor,
  boolAnd,
  boolOr,
  cast,
  concat,
  contains,
  createEngine,
  currentDate,
  dateAdd,
  dateDiff,
  dateTrunc,
  decimalRound,
  double,
  endsWith,
  extract,
  greatest,
  ilike,
  jsonArrayLength,
  jsonContains,
  jsonEquals,
  jsonExists,
  jsonGet,
  jsonGroupArray,
  least,
  length,
  like,
  now,
  position,
  round,
  select,
  startsWith,
  stringAgg,
  text,
  total,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { recordingDriver } from 'cinnabar/testing';
import { expect, test } from 'vitest';
import { s, Sample } from './samples.ts';

// What each database writes in its own way is refused, before any I/O, for a database that has no form of it.

const driver = recordingDriver(libsql(createClient({ url: ':memory:' })));
const engine = createEngine({ ...driver, dialect: { ...driver.dialect, name: 'another' } });

test.for([
  ['bitAnd', bitAnd(s.a, 1)],
  ['bitOr', bitOr(s.a, 1)],
  ['bitXor', bitXor(s.a, 1)],
  ['boolAnd', boolAnd(s.flag)],
  ['boolOr', boolOr(s.flag)],
  ['cast', cast(s.a, text())],
  ['cast', cast(s.price, double())],
  ['concat', concat(s.name, s.name)],
  ['contains', contains(s.name, 'x')],
  ['currentDate', currentDate()],
  ['dateAdd', dateAdd(s.at, { days: 1 })],
  ['dateDiff', dateDiff('day', s.at, s.later)],
  ['dateTrunc', dateTrunc('day', s.at)],
  ['decimalRound', decimalRound(s.price, 1)],
  ['endsWith', endsWith(s.name, 'x')],
  ['extract', extract('year', s.at)],
  ['greatest', greatest(s.a, 1)],
  ['ilike', ilike(s.name, 'x')],
  ['jsonArrayLength', jsonArrayLength(s.doc)],
  ['jsonContains', jsonContains(s.doc, 1)],
  ['jsonEquals', jsonEquals(s.doc, 1)],
  ['jsonExists', jsonExists(s.doc, ['a'])],
  ['jsonGet', jsonGet(s.doc, ['a'], text())],
  ['jsonGroupArray', jsonGroupArray(s.a)],
  ['least', least(s.a, 1)],
  ['length', length(s.name)],
  ['like', like(s.name, 'x')],
  ['now', now()],
  ['position', position(s.name, 'x')],
  ['round', round(s.rate)],
  ['startsWith', startsWith(s.name, 'x')],
  ['stringAgg', stringAgg(s.name)],
  ['total', total(s.a)],
] as [string, AnyExpr][])('%s', async ([name, expression]) => {
  await expect(engine.all(select({ value: expression }).from(Sample))).rejects.toMatchObject({
    code: 'CapabilityError',
    message: `${name}(): another has no form of it`,
  });
  expect(driver.calls).toEqual([]);
});
