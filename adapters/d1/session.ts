import { ConfigurationError, InvalidValueError } from '../../src/errors/errors.ts';
import type { D1Like } from './binding.ts';

/**
 * Starts a session of D1, which reads from replicas and never shows less than it has shown or written before. The first
 * read goes to the primary (`first-primary`), to any replica (`first-unconstrained`), or to one that is as far as a
 * bookmark. What is none is refused: bookmarks come from cookies, and D1 would send anything on as it is.
 *
 * @example
 * const engine = createEngine(d1(withSession(env.DB, cookie ?? 'first-unconstrained')))
 * // … and after the work, for the cookie:
 * engine.bookmark
 * @throws InvalidValueError if `start` is neither of the two words nor can be a bookmark.
 * @throws ConfigurationError if `binding` cannot start a session.
 */
export function withSession(binding: D1Like, start: 'first-primary' | 'first-unconstrained' | (string & {})): D1Like {
  if (!binding?.withSession) throw new ConfigurationError('withSession(): expected a binding like env.DB');
  const isWord = start === 'first-primary' || start === 'first-unconstrained';
  if (isWord || (typeof start === 'string' && /^(?!first)[\w-]{1,200}$/.test(start))) return binding.withSession(start);
  throw new InvalidValueError("withSession(): expected 'first-primary', 'first-unconstrained' or a bookmark of D1");
}
