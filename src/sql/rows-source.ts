import type { List } from './expression.ts';
import type { ListWriter, RowsSource } from './nodes.ts';

/** Rows of the program under the names of their columns, which a select reads. */
export function rowsSource(name: string, columns: readonly string[], list: List): RowsSource {
  return { kind: 'rows', name, columns, list, text };
}

function text(this: RowsSource, dialect: ListWriter, placeholder: () => string): string {
  const named = (cell: (at: number) => string): string =>
    this.columns.map((column, at) => `${cell(at)} as ${dialect.quote(column)}`).join(', ');
  const { rows, types } = this.list;
  const codecs = types.map((type) => dialect.codec(type));
  const one = dialect.list(codecs as never[]);
  if (one) return `select ${named((at) => one.cell(at))} from ${one.from(placeholder())}`;
  if (rows.length === 0) return `select ${named(() => 'null')} where false`;
  const bound = (): string => codecs.map((codec) => cellOf(codec, placeholder())).join(', ');
  return `select ${named((at) => `column${at + 1}`)} from (values ${rows.map(() => `(${bound()})`).join(', ')}) as given`;
}

function cellOf(codec: ReturnType<ListWriter['codec']>, placeholder: string): string {
  return codec.bind?.(placeholder) ?? placeholder;
}
