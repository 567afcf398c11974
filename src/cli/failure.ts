import { type CinnabarError, isCinnabarError } from '../errors/base.ts';

/** How a command ends. */
export const EXIT = { done: 0, failed: 1, usage: 2, differs: 3, interrupted: 130 } as const;

/** A failure that the person at the terminal can do something about. */
export class CommandFailure extends Error {
  declare readonly exit: number;

  constructor(message: string, exit: number = EXIT.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exit = exit;
  }
}

/** The same text without what may be a secret: what URLs say of users, and values that are named as secrets. */
function redact(text: string): string {
  return (
    text
      .replaceAll(/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@'"]*@/gi, '$1…@')
      .replaceAll(
        /\b((?:auth[_-]?)?token|password|passwd|secret|api[_-]?key)(["']?\s*[=:]\s*["']?)[^\s"'&,;)]+/gi,
        '$1$2…',
      )
      // What follows a colon after this word is mostly a sentence.
      .replaceAll(/\b(key)(["']?\s*=\s*["']?|["']\s*:\s*["']?)[^\s"'&,;)]+/gi, '$1$2…')
      .replaceAll(/\beyJ[\w-]{10,}(?:\.[\w-]+)*/g, '…')
  );
}

/** Why there is no connection, as the client says it, and what to look at. */
function reasonOf(error: CinnabarError): string {
  if (error.code !== 'ConnectionLost') return '';
  const said: string[] = [];
  for (let at: unknown = error.cause; at instanceof Error && said.length < 5; at = at.cause) {
    said.push(at.message || ('code' in at ? String(at.code) : at.name));
  }
  const reason = said.at(-1);
  return `${reason ? ` (${reason.split('\n')[0]})` : ''}: does the database run, and is its address in the configuration right?`;
}

/** What is told of an error: its code and a message, never a stack, never a secret. */
export function told(error: unknown): { code: string; message: string } {
  if (isCinnabarError(error)) return { code: error.code, message: redact(`${error.message}${reasonOf(error)}`) };
  if (error instanceof CommandFailure) return { code: 'CommandFailure', message: redact(error.message) };
  return { code: 'Error', message: redact(error instanceof Error ? error.message || error.name : String(error)) };
}
