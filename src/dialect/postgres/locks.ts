import type { Dialect } from '../../compiler/dialect.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { quote } from './quote.ts';

/** Locks on rows, until the end of the transaction. */
export const locks: NonNullable<Dialect['locks']> = {
  text: ({ strength, skipLocked, noWait, of }, sources) => {
    if (skipLocked && noWait)
      throw new ConfigurationError('skipLocked leaves out the rows that others hold, noWait fails for them: not both');
    const names = of.map((source) => {
      if (sources.includes(source)) return quote(source.name);
      throw new ConfigurationError(`the rows of '${source.name}' cannot be locked: the statement does not read them`);
    });
    const which = names.length > 0 ? ` of ${names.join(', ')}` : '';
    return ` for ${strength}${which}${skipLocked ? ' skip locked' : ''}${noWait ? ' nowait' : ''}`;
  },
  outside: 'a lock ends with its transaction: query the rows inside of transaction()',
};
