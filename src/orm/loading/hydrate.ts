import type { Codec, Dialect } from '../../compiler/dialect.ts';
import { decodeCell, unreadable } from '../../compiler/decode.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { defineColumn } from '../state/columns.ts';
import type { MappedColumn, Mapper } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import { identityOf, identityOfSole, type IdentityMap } from '../state/identity-map.ts';
import { InstanceState, labelOf, type LoadContext, type Positions } from '../state/instance-state.ts';
import { changedColumns, isChanged } from '../state/snapshot.ts';
import type { Candidate, EntityShape } from './entity-query.ts';
import { loadListening } from './load-listening.ts';

type Cells = readonly unknown[];

/** A column that the rows have: where, and how it is decoded unless it comes as it is. */
interface Cell {
  readonly mapped: MappedColumn;
  readonly at: number;
  readonly decode: ((raw: unknown) => unknown) | undefined;
}

/** How the rows of one class become its entities. */
interface Reading extends Candidate {
  readonly codecs: readonly Codec[];
  readonly cells: readonly Cell[];
  /** Where a key of one column is in the row. */
  readonly keyAt: number | undefined;
}

const readings = new WeakMap<Candidate, WeakMap<Dialect, Reading>>();

/** What is the same for all rows of one class; made once. */
function readingOf(candidate: Candidate, dialect: Dialect): Reading {
  let known = readings.get(candidate);
  if (!known) readings.set(candidate, (known = new WeakMap()));
  let reading = known.get(dialect);
  if (!reading) known.set(dialect, (reading = makeReading(candidate, dialect)));
  return reading;
}

function makeReading(candidate: Candidate, dialect: Dialect): Reading {
  const { mapper, positions } = candidate;
  const codecs = mapper.codecs(dialect);
  const cells = mapper.columns.flatMap((mapped): Cell[] => {
    const codec = codecs[mapped.index]!;
    const at = positions[mapped.index]!;
    return at < 0 ? [] : [{ mapped, at, decode: codec.plain ? undefined : (raw) => codec.decode(raw) }];
  });
  const keyAt = mapper.key.length === 1 ? positions[mapper.key[0]!.index] : undefined;
  return { ...candidate, codecs, cells, keyAt };
}

/** Turns rows into entities of one session. */
export class Hydrator {
  readonly #identities: IdentityMap;
  readonly #context: LoadContext;
  readonly #dialect: Dialect;

  constructor(identities: IdentityMap, context: LoadContext, dialect: Dialect) {
    this.#identities = identities;
    this.#context = context;
    this.#dialect = dialect;
  }

  /** The entities of a result, in order. Those of one result are peers. */
  all(rows: readonly Cells[], shape: EntityShape, overwrite = false): InstanceState[] {
    const classes = shape.candidates.map((candidate) => readingOf(candidate, this.#dialect));
    // A base that says which rows are its own is asked of each.
    const sole = classes.length === 1 && !isStrict(classes[0]!.mapper) ? classes[0]! : undefined;
    const known = this.#identities.of(classes[0]!.mapper);
    const states: InstanceState[] = [];
    for (const row of rows) {
      const reading = sole ?? classOfRow(row, classes);
      const identity = reading.keyAt === undefined ? composite(row, reading) : identityOfSole(row[reading.keyAt]);
      let state = known.get(identity);
      if (state) this.#meet(state, row, reading, overwrite);
      else known.set(identity, (state = this.#make(row, reading, identity)));
      state.peers = states;
      states.push(state);
    }
    return states;
  }

  /** Brings the entity in memory up to date where the program has not changed it, or wherever the row is to win. */
  #meet(known: InstanceState, row: Cells, { positions, codecs }: Reading, overwrite: boolean): void {
    this.#context.noteRead?.(known, false);
    // Edits made to one version are not carried over to the next: the commit will find them stale.
    const stale = isOtherVersion(known, row, positions) && changedColumns(known).length > 0;
    if (overwrite || !stale) this.#refresh(known, row, positions, codecs, overwrite);
  }

  #make(row: Cells, { mapper, positions, cells }: Reading, identity: string | number): InstanceState {
    const state = new InstanceState(mapper, 'persistent');
    state.context = this.#context;
    state.row = row;
    state.positions = positions;
    state.identity = identity;
    Reflect.construct(EntityBase, [state], classOf(mapper));
    fill(state.entity, row, cells);
    this.#context.noteRead?.(state, true);
    loadListening.current?.(state);
    return state;
  }

  /** Lets go of entities whose rows are gone. */
  forget(states: readonly InstanceState[]): void {
    for (const state of states) {
      this.#identities.delete(state);
      state.leave('detached');
    }
  }

  #refresh(state: InstanceState, row: Cells, positions: Positions, codecs: readonly Codec[], overwrite: boolean): void {
    this.#identities.noteRows();
    const before = state.positions!;
    let whole = true;
    // A column of a subclass that this query did not read keeps what it has.
    for (const mapped of state.mapper.columns) {
      const at = positions[mapped.index] ?? -1;
      const old = before[mapped.index]!;
      if (at < 0) {
        whole &&= old < 0;
        continue;
      }
      if (old >= 0 && row[at] === state.row![old] && !overwrite) continue;
      if (!overwrite && isChanged(state, mapped)) continue;
      defineColumn(state.entity, mapped, decodeCell(codecs[mapped.index]!, row[at], mapped.column));
    }
    if (whole && positions.length === before.length) {
      state.row = row;
      state.positions = positions;
    } else {
      state.row = state.mapper.columns.map((mapped) => merged(mapped, row, positions, state));
      state.positions = state.mapper.columns.map((mapped) =>
        state.row![mapped.index] === undefined ? -1 : mapped.index,
      );
    }
  }
}

/** @throws InvalidValueError that names the column where what is stored is no value of its type. */
function fill(entity: Record<string, unknown>, row: Cells, cells: readonly Cell[]): void {
  let reading: Cell | undefined;
  try {
    for (const cell of cells) {
      reading = cell;
      const raw = row[cell.at];
      defineColumn(entity, cell.mapped, cell.decode ? cell.decode(raw) : raw);
    }
  } catch (error) {
    const { column } = reading!.mapped;
    throw unreadable(error, column.path, column);
  }
}

/** Which of the classes a row is of. */
function classOfRow(row: Cells, classes: readonly Reading[]): Reading {
  const found = classes.find(({ mapper, positions, markers, codecs }) => {
    if (mapper.abstract || markers.some((marker) => row[marker] === null)) return false;
    return [...mapper.fixed].every(
      ([mapped, value]) => row[positions[mapped.index]!] === codecs[mapped.index]!.encode(value),
    );
  });
  if (found) return found;
  const { root } = classes[0]!.mapper;
  const { name, table } = root;
  const attributes = classes.flatMap(({ mapper }) => [...mapper.fixed.keys()].map((mapped) => mapped.attribute));
  throw new ConfigurationError(
    `a row of ${labelOf(root)} is of no class that its ${attributes[0] ?? 'tables'} would tell: extend(${name}, …)`,
    { model: name, table: table.name, attributes: [...new Set(attributes)] },
  );
}

function isStrict({ abstract, base, fixed }: Mapper): boolean {
  return abstract || (!base && fixed.size > 0);
}

function composite(row: Cells, { mapper, positions }: Reading): string | number {
  return identityOf(mapper.key.map((mapped) => row[positions[mapped.index]!]));
}

function isOtherVersion(state: InstanceState, row: Cells, positions: Positions): boolean {
  const { version } = state.mapper;
  return version !== undefined && row[positions[version.index]!] !== state.row![state.positions![version.index]!];
}

function merged(mapped: MappedColumn, row: Cells, positions: Positions, state: InstanceState): unknown {
  const at = positions[mapped.index] ?? -1;
  return at >= 0 ? row[at] : state.row![state.positions![mapped.index]!];
}

export function classOf(mapper: Mapper): NonNullable<Mapper['class']> {
  if (mapper.class) return mapper.class;
  throw new ConfigurationError(
    `a row is of the model of '${mapper.table.name}', whose class is not known: Model.register(…) it`,
  );
}
