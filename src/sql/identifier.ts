import { ConfigurationError } from '../errors/errors.ts';
import { ATOM, Fragment, type Piece, type Writer } from './expression.ts';

/** A name in the database, quoted by the dialect that renders it; several with dots between them. */
export class Identifier extends Fragment {
  declare readonly names: readonly string[];

  constructor(names: readonly string[], where: string) {
    super([], undefined, ATOM, where);
    if (names.length === 0 || !names.every((name) => typeof name === 'string')) {
      throw new ConfigurationError(`${where}: expected a name of the database as text`);
    }
    this.names = names;
  }
  override written(dialect: Writer): readonly Piece[] {
    return [this.names.map((name) => dialect.quote(name)).join('.')];
  }
}
