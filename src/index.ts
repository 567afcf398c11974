export {
  isCinnabarError,
  CinnabarError,
  type ErrorCode,
  type ErrorDetails,
  type Outcome,
  type Resolution,
} from './errors/base.ts';
export {
  CapabilityError,
  CheckViolation,
  CommitOutcomeUnknown,
  ConfigurationError,
  ConnectionLost,
  ConsentRequired,
  DatabaseError,
  DeadlockDetected,
  EventError,
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
export type { Dialect } from './compiler/dialect.ts';
export type { Column, definition, Flag, ForeignKeyOptions, OnDelete, Rule } from './schema/column.ts';
export {
  bigint,
  boolean,
  bytes,
  custom,
  double,
  enumeration,
  integer,
  interval,
  json,
  jsonBigint,
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
export { customType, type CustomTypeOptions, type DialectType } from './schema/custom-type.ts';
export { declared } from './schema/declared.ts';
export { enumType, type EnumType, type EnumTypeOptions } from './schema/enum-type.ts';
export { array, cidr, inet, range, vector, type Range } from './schema/made-columns.ts';
export { MetaData, type MetaDataOptions } from './schema/metadata.ts';
export type * from './schema/definition.ts';
export type { NamingStrategy } from './schema/naming.ts';
export {
  temporalDuration,
  temporalInstant,
  temporalPlainDate,
  temporalPlainDateTime,
  temporalPlainTime,
  type Made,
  type TemporalInstant,
  type TemporalValue,
} from './schema/temporal.ts';
export type {
  Aggregate,
  AnyExpr,
  By,
  Case,
  Condition,
  Expr,
  Operand,
  Ordering,
  SimpleCase,
  SimpleCaseOf,
  source,
  value,
} from './sql/expr.ts';
export { avg, boolAnd, boolOr, count, max, min, sum, total } from './sql/functions/aggregate.ts';
export { arrayContains, arrayGet, arrayHas, arrayLength, arrayOverlaps } from './sql/functions/array.ts';
export { call } from './sql/functions/call.ts';
export { cast } from './sql/functions/cast.ts';
export { caseOf, coalesce, greatest, ifNull, least, nullIf, when } from './sql/functions/conditional.ts';
export {
  currentDate,
  dateAdd,
  dateDiff,
  dateTrunc,
  extract,
  now,
  type DateAmounts,
  type DateField,
  type DateUnit,
  type DurationUnit,
} from './sql/functions/date.ts';
export { decimalAdd, decimalMultiply, decimalRound, decimalSubtract } from './sql/functions/decimal.ts';
export { jsonGroupArray, stringAgg, type GatherOptions } from './sql/functions/gather.ts';
export { jsonArrayLength, jsonContains, jsonEquals, jsonExists, jsonGet, type JsonPath } from './sql/functions/json.ts';
export { and, exists, not, or } from './sql/functions/logical.ts';
export { contains, endsWith, ilike, like, startsWith, type LikeOptions } from './sql/functions/match.ts';
export { abs, bitAnd, bitNot, bitOr, bitXor, negate, round, shiftLeft, shiftRight } from './sql/functions/number.ts';
export {
  cumeDist,
  denseRank,
  firstValue,
  lag,
  lastValue,
  lead,
  nthValue,
  ntile,
  percentRank,
  rank,
  rowNumber,
} from './sql/functions/ranking.ts';
export { rangeAdjacent, rangeContains, rangeHas, rangeOverlaps } from './sql/functions/range.ts';
export { sql, type SqlTag } from './sql/functions/sql-tag.ts';
export {
  collate,
  concat,
  length,
  lower,
  ltrim,
  position,
  replace,
  rtrim,
  substring,
  trim,
  upper,
} from './sql/functions/string.ts';
export { tuple, type Tuple } from './sql/functions/tuple.ts';
export { literal, typed, type ColumnType } from './sql/functions/typed.ts';
export { fromUntrusted, type UntrustedOperator, type UntrustedRules } from './sql/from-untrusted.ts';
export type * from './sql/loading.ts';
export type * from './sql/model.ts';
export type * from './sql/plain.ts';
export type {
  Many,
  ManyRelation,
  One,
  OneRelation,
  Relation,
  RelationOptions,
  WriteOnly,
  WriteOnlyRelation,
} from './sql/relation.ts';
export type { Rows, Shape } from './sql/select.ts';
export { except, intersect, recursive, union, unionAll } from './sql/compound.ts';
export { values } from './sql/values.ts';
export { param } from './sql/param.ts';
export {
  alias,
  select,
  type Alias,
  type Cell,
  type Cells,
  type EntitySelect,
  type RowOf,
  type RowSelect,
  type SourcesOf,
} from './sql/entity-select.ts';
export type { Lockable, LockOptions } from './sql/lock.ts';
export type { Derived, row, Source } from './sql/source.ts';
export type { rows, Select } from './sql/statement.ts';
export { index, type Rules } from './sql/indexes.ts';
export { view, type View, type ViewOptions } from './sql/view.ts';
export { table, type CoreTableOptions, type Table, type TableRow } from './sql/table.ts';
export type { TableSettings } from './schema/table.ts';
export { insert, type Excluded, type Insert, type InsertRows, type OnConflict } from './sql/insert.ts';
export {
  deleteFrom,
  update,
  type AnyWrite,
  type Assignments,
  type Unbounded,
  type Update,
  type UpdateFrom,
  type Write,
} from './sql/write.ts';
export { createEngine, type Engine, type EngineOptions, type LogEvent } from './engine/engine.ts';
export { withSchemas, type SchemaNames } from './engine/schemas.ts';
export { explain } from './engine/explain.ts';
export { createReceipts, pruneReceipts, receipts, receiptsTable, type ReceiptColumns } from './engine/receipts.ts';
export type { Receipts, WriteOptions } from './engine/receipt.ts';
export type { Answer, Statements } from './engine/statements.ts';
export type { EngineTransaction } from './engine/transaction.ts';
export { prepare, type ParamValues, type PreparedSelect, type PreparedWrite } from './engine/prepare.ts';
export {
  createAll,
  createAllSql,
  ddl,
  dropAll,
  renderDdl,
  type CreateOptions,
  type DropOptions,
} from './engine/schema.ts';
export { ofType } from './orm/mapping/of-type.ts';
export { extend } from './orm/loading/extend.ts';
export { writeOnly } from './orm/loading/write-only.ts';
export { replaceItems } from './orm/loading/replace-items.ts';
export { many } from './orm/state/many.ts';
export { one } from './orm/state/one.ts';
export { declarativeBase, type BaseOptions } from './orm/declarative/declarative-base.ts';
export { embedded, type Embedded, type EmbeddedOptions, type PartValues } from './orm/declarative/embedded.ts';
export { insertSchema, updateSchema, type ModelSchema } from './orm/declarative/schema-of.ts';
export { serialize } from './orm/declarative/serialize.ts';
export { generatedAlways } from './orm/declarative/generated-always.ts';
export { validate, type Validator } from './orm/declarative/validate.ts';
export { assign } from './orm/session/assign.ts';
export { commitResolving, type Conflict, type ConflictChoice, type ResolveOptions } from './orm/session/conflict.ts';
export { insertMany, upsert, type UpsertOptions } from './orm/session/bulk.ts';
export {
  on,
  type EntityEvent,
  type EntityHandler,
  type SessionEvent,
  type SessionHandler,
} from './orm/session/events.ts';
export { inspect, isModified, type History, type Inspection, type ValueOf } from './orm/session/inspect.ts';
export { expire, expireAll, expunge, getMany, refreshAll, type AttributeOf } from './orm/session/lifecycle.ts';
export { ordered, placeAt, type OrderedOptions } from './orm/session/ordered.ts';
export { loadTree, type Tree, type TreeRelation } from './orm/session/tree.ts';
export { rowFilter, type Liftable, type RowFilter } from './orm/session/row-filter.ts';
export {
  merge,
  mergeAll,
  type MergeData,
  type MergeIn,
  type MergeOptions,
  type MergeValue,
  type NoEntity,
} from './orm/session/merge.ts';
export { batchLoad, selectInLoad } from './orm/loading/ways/simple.ts';
export { joinedLoad } from './orm/loading/ways/join.ts';
export { containsEager } from './orm/loading/ways/contains-eager.ts';
export { jsonLoad } from './orm/loading/ways/json.ts';
export { parts } from './orm/loading/ways/parts.ts';
export { lazyLoad, raiseLoad } from './orm/loading/ways/raise.ts';
export { recursiveLoad } from './orm/loading/ways/recursive.ts';
export type { LoadEvent, StrategyName } from './orm/loading/strategy.ts';
export { explainLoading, findRepeats, lazyLoads, watchLoads, type LazyLoad, type Repeat } from './orm/session/watch.ts';
export { countsOf } from './orm/session/counts.ts';
export { columnGroup, defer, populateExisting, undefer, type ColumnGroup } from './orm/session/columns-of.ts';
export { aggregateOf, countOf, type AnyRelation } from './orm/mapping/relation-aggregate.ts';
export { chunks, paginate, type Cursor, type Page, type PageOptions } from './orm/session/paginate.ts';
export { annotate, type Annotations } from './orm/session/annotate.ts';
export { strict } from './orm/session/strict.ts';
export { Session } from './orm/session/session.ts';
export type { Query } from './orm/session/query.ts';
export { runTransaction } from './driver/run-transaction.ts';
export type { BeginOptions, Isolation, TransactionOptions, TransactionSettings } from './driver/transaction-options.ts';
