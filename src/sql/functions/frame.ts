import { ConfigurationError } from '../../errors/errors.ts';
import { kindOf } from '../../util/brand.ts';

const FRAME =
  /^(rows|range|groups) (?:between (.+) and (.+?)|(.+?))(?: exclude (?:no others|current row|group|ties))?$/;
const BOUND = /^(?:current row|(unbounded|\d{1,15}) (preceding|following))$/;

/**
 * The frame as text of the grammar: nothing else reaches the statement.
 *
 * @param orders how many terms order the window.
 * @throws ConfigurationError for any other text, and for a frame that is none.
 */
export function frameOf(frame: string, orders: number, where: string): string {
  const text = typeof frame === 'string' ? frame.toLowerCase() : '';
  const [, mode, from, to = 'current row', sole] = FRAME.exec(text) ?? [];
  if (!isFrame(placeOf(from ?? sole), placeOf(to))) {
    const given = typeof frame === 'string' ? `'${frame}'` : kindOf(frame);
    throw new ConfigurationError(
      `${where}: ${given} is no frame, like 'rows between 1 preceding and current row', which begins where it ends or before`,
    );
  }
  const isOrdered = mode === 'groups' ? orders > 0 : mode === 'rows' || orders === 1 || !/\d/.test(text);
  if (isOrdered) return text;
  throw new ConfigurationError(`${where}: '${mode}' takes an orderBy${mode === 'range' ? ' of one term' : ''}`);
}

function isFrame(start: number, end: number): boolean {
  return start <= end && start < Infinity && end > -Infinity;
}

/** Where a bound lies from the current row; not a number for what is no bound. */
function placeOf(text = ''): number {
  const bound = BOUND.exec(text);
  if (!bound) return Number.NaN;
  const [, rows, side] = bound;
  if (rows === undefined) return 0;
  const distance = rows === 'unbounded' ? Infinity : Number(rows);
  return side === 'following' ? distance : -distance;
}
