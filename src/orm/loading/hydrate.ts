import type { Codec, Dialect } from '../../compiler/dialect.ts';
import { ConfigurationError, InternalError } from '../../errors/errors.ts';
import { defineColumn } from '../state/columns.ts';
import type { MappedColumn, Mapper } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import { identityOf, type IdentityMap } from '../state/identity-map.ts';
import { InstanceState, type LoadContext, type Positions } from '../state/instance-state.ts';
import { changedColumns, isChanged } from '../state/snapshot.ts';
import type { Candidate, EntityShape } from './entity-query.ts';

type Cells = readonly unknown[];

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
    const states = rows.map((row) => this.one(row, shape, overwrite));
    for (const state of states) state.peers = states;
    return states;
  }

  /**
   * The entity of a row: the one in memory, brought up to date where the program has not changed it, or a new one.
   *
   * @param overwrite whether the row wins over the program's changes.
   */
  one(row: Cells, shape: EntityShape, overwrite = false): InstanceState {
    const candidate = this.#classOf(row, shape);
    const { mapper, positions } = candidate;
    const codecs = mapper.codecs(this.#dialect);
    const identity = identityOf(mapper.key.map((mapped) => row[positions[mapped.index]!]));
    const states = this.#identities.of(mapper);
    const known = states.get(identity);
    if (known) {
      this.#context.noteRead?.(known, false);
      // Edits made to one version are not carried over to the next: the commit will find them stale.
      const stale = isOtherVersion(known, row, positions) && changedColumns(known, codecs).length > 0;
      if (overwrite || !stale) this.#refresh(known, row, positions, codecs, overwrite);
      return known;
    }
    const state = new InstanceState(mapper, 'persistent');
    state.context = this.#context;
    state.row = row;
    state.positions = positions;
    state.identity = identity;
    Reflect.construct(EntityBase, [state], classOf(mapper));
    for (const mapped of mapper.columns) {
      const at = positions[mapped.index]!;
      if (at >= 0) defineColumn(state.entity, mapped, decode(codecs[mapped.index]!, row[at]));
    }
    states.set(identity, state);
    this.#context.noteRead?.(state, true);
    return state;
  }

  /** Lets go of entities whose rows are gone. */
  forget(states: readonly InstanceState[]): void {
    for (const state of states) {
      this.#identities.delete(state);
      state.status = 'detached';
      state.context = undefined;
    }
  }

  #classOf(row: Cells, shape: EntityShape): Candidate {
    const { candidates } = shape;
    if (candidates.length === 1) return candidates[0]!;
    const found = candidates.find(({ mapper, positions, markers }) => {
      if (markers.some((marker) => row[marker] === null)) return false;
      const codecs = mapper.codecs(this.#dialect);
      return [...mapper.fixed].every(
        ([mapped, value]) => row[positions[mapped.index]!] === codecs[mapped.index]!.encode(value),
      );
    });
    if (!found) throw new InternalError('a row is of no class of its hierarchy');
    return found;
  }

  #refresh(state: InstanceState, row: Cells, positions: Positions, codecs: readonly Codec[], overwrite: boolean): void {
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
      if (!overwrite && isChanged(state, mapped, codecs)) continue;
      defineColumn(state.entity, mapped, decode(codecs[mapped.index]!, row[at]));
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

function isOtherVersion(state: InstanceState, row: Cells, positions: Positions): boolean {
  const { version } = state.mapper;
  return version !== undefined && row[positions[version.index]!] !== state.row![state.positions![version.index]!];
}

function merged(mapped: MappedColumn, row: Cells, positions: Positions, state: InstanceState): unknown {
  const at = positions[mapped.index] ?? -1;
  return at >= 0 ? row[at] : state.row![state.positions![mapped.index]!];
}

function decode(codec: Codec, raw: unknown): unknown {
  return codec.plain ? raw : codec.decode(raw);
}

function classOf(mapper: Mapper): NonNullable<Mapper['class']> {
  if (mapper.class) return mapper.class;
  throw new ConfigurationError(
    `a row is of the model of '${mapper.table.name}', whose class is not known: Model.register(…) it`,
  );
}
