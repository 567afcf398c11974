import { type CinnabarError, type ErrorDetails, isCinnabarError } from '../../errors/base.ts';
import { ForeignKeyViolation, InternalError, InvalidValueError } from '../../errors/errors.ts';

/** What a guard of a rebuild says, which SQLite puts into the message of its error. */
const SAID = /bad JSON path: '?cinnabar: (.*?)(?:'(?::|$)|$)/s;

/** The error that a guard of a rebuild means; undefined where it is another. Nothing was changed. */
export function guardFailure(error: unknown): CinnabarError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const said = SAID.exec(at.message)?.[1]?.replaceAll("''", "'");
    if (said === undefined) continue;
    const details: ErrorDetails = {
      cause: error,
      ...(isCinnabarError(error) ? { outcome: error.outcome } : { outcome: 'not committed' }),
    };
    if (said.startsWith('values')) return new InvalidValueError(`${said}: say how with \`using\``, details);
    if (said.includes('refer to')) return new ForeignKeyViolation(`${said}: correct those rows first`, details);
    return new InternalError(said, details);
  }
  return undefined;
}
