import { type ErrorCode, isCinnabarError } from 'cinnabar';

/** An answer that is no success: a status, and JSON that says why. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  toJSON(): object {
    return { error: { code: this.code, message: this.message, ...this.details } };
  }
}

/** What the errors of the library mean to those who call the API. The others are faults of ours: 500. */
const statuses: Partial<Record<ErrorCode, number>> = {
  InvalidValueError: 400,
  CheckViolation: 400,
  NotNullViolation: 400,
  NoResultFound: 404,
  UniqueViolation: 409,
  ForeignKeyViolation: 409,
  StaleDataError: 409,
  LimitExceeded: 413,
};

/** Anything thrown, as a problem. Messages of the library name tables and attributes, never values. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isCinnabarError(error)) {
    const status = statuses[error.code];
    const { attributes } = error;
    if (status) return new Problem(status, error.code, error.message, attributes ? { attributes } : {});
    if (error.retryable) return new Problem(503, error.code, 'the database is busy: try again');
  }
  console.error(error);
  return new Problem(500, 'InternalError', 'something went wrong here');
}
