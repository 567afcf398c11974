export { isCinnabarError, CinnabarError, type ErrorCode, type ErrorDetails, type Outcome } from './errors/base.ts';
export {
  CapabilityError,
  CheckViolation,
  CommitOutcomeUnknown,
  ConfigurationError,
  ConnectionLost,
  DatabaseError,
  DeadlockDetected,
  ForeignKeyViolation,
  InternalError,
  InvalidValueError,
  LimitExceeded,
  LockTimeout,
  MultipleResultsFound,
  NoResultFound,
  NotLoadedError,
  NotNullViolation,
  Overloaded,
  SerializationFailure,
  SessionBusyError,
  StaleDataError,
  TimeoutError,
  TransactionExpired,
  UniqueViolation,
} from './errors/errors.ts';
export type {
  CallOptions,
  Capabilities,
  Driver,
  Limits,
  Statement,
  Unit,
  UnitResult,
  WireValue,
} from './driver/driver.ts';
export type { Column, definition, Flag, OnDelete } from './schema/column.ts';
export {
  bigint,
  boolean,
  bytes,
  custom,
  double,
  enumeration,
  integer,
  json,
  numeric,
  plainDate,
  plainDateTime,
  plainTime,
  text,
  timestamp,
  uuid,
  type StandardSchema,
  type Validated,
} from './schema/columns.ts';
export type { MetaData } from './schema/metadata.ts';
export type { NamingStrategy } from './schema/naming.ts';
export type { Aggregate, AnyExpr, By, Case, Condition, Expr, Operand, Ordering, source, value } from './sql/expr.ts';
export {
  and,
  avg,
  call,
  coalesce,
  count,
  exists,
  lag,
  lower,
  max,
  min,
  not,
  or,
  rank,
  rowNumber,
  sql,
  sum,
  trim,
  upper,
  when,
} from './sql/functions.ts';
export type * from './sql/loading.ts';
export type * from './sql/model.ts';
export type * from './sql/plain.ts';
export type { Many, ManyRelation, One, OneRelation, Relation, RelationOptions } from './sql/relation.ts';
export { recursive, union, unionAll, type Rows, type Shape } from './sql/select.ts';
export {
  alias,
  select,
  type Alias,
  type Cell,
  type EntitySelect,
  type RowSelect,
  type SourcesOf,
} from './sql/entity-select.ts';
export type { Derived, row, Source } from './sql/source.ts';
export type { rows, Select } from './sql/statement.ts';
export {
  deleteFrom,
  insert,
  update,
  type AnyWrite,
  type Assignments,
  type Insert,
  type InsertRows,
  type OnConflict,
  type Unbounded,
  type Write,
} from './sql/write.ts';
export { createEngine, type Engine, type EngineOptions, type LogEvent } from './engine/engine.ts';
export { createAll, dropAll } from './engine/schema.ts';
export { many, one } from './orm/mapping/relation.ts';
export { declarativeBase, type BaseOptions } from './orm/declarative/declarative-base.ts';
export { extend } from './orm/declarative/extend.ts';
export { index } from './orm/declarative/indexes.ts';
export { serialize } from './orm/declarative/serialize.ts';
export { Session } from './orm/session/session.ts';
export type { Query } from './orm/session/query.ts';
export type { TransactionOptions } from './orm/session/run-transaction.ts';
