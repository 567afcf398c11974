import { CapabilityError } from '../../errors/errors.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { ATOM, Fragment, type Expression, type Level, type Piece, type Writer } from '../expression.ts';

/** How each database writes an expression over some others, by the name of its dialect. */
export type Forms = Readonly<Record<string, (...args: Expression[]) => readonly Piece[]>>;

/** A function or an operator that each database writes in its own way. */
export class DialectCall extends Fragment {
  readonly #forms: Forms;
  /** As it was written last: a statement is walked more than once, and must find the same values. */
  #written: readonly Piece[] | undefined;
  #writer: string | undefined;

  constructor(name: string, forms: Forms, args: readonly Expression[], type: SqlType | undefined, level: Level = ATOM) {
    super(args, type, level, `${name}()`);
    this.#forms = forms;
  }
  override written({ name }: Writer): readonly Piece[] {
    if (this.#writer === name) return this.#written!;
    const form = Object.hasOwn(this.#forms, name) ? this.#forms[name] : undefined;
    if (!form) throw new CapabilityError(`${this.label}: ${name} has no form of it`);
    this.#writer = name;
    return (this.#written = form(...(this.pieces as readonly Expression[])));
  }
}

/** Text of the library's own with expressions in it. */
export function pieces(text: TemplateStringsArray, ...holes: readonly Expression[]): Piece[] {
  return text.flatMap((part, at): Piece[] => (at === 0 ? [part] : [holes[at - 1]!, part]));
}
