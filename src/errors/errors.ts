import { CinnabarError, type ErrorCode, type ErrorDetails } from './base.ts';

/** A constructor of errors that all have the code `code`. */
function errorClass(code: ErrorCode): ErrorClass {
  return class extends CinnabarError {
    constructor(message: string, details?: ErrorDetails) {
      super(code, message, details);
    }
  };
}

/** A class of errors that all have one code. */
export type ErrorClass = new (message: string, details?: ErrorDetails) => CinnabarError;

/** A value that must be unique is there already. */
export const UniqueViolation: ErrorClass = /* @__PURE__ */ errorClass('UniqueViolation');
/** A row refers to one that is not there, or is referred to by one that still is. */
export const ForeignKeyViolation: ErrorClass = /* @__PURE__ */ errorClass('ForeignKeyViolation');
/** NULL where the column takes none. */
export const NotNullViolation: ErrorClass = /* @__PURE__ */ errorClass('NotNullViolation');
/** A CHECK constraint is false for the row. */
export const CheckViolation: ErrorClass = /* @__PURE__ */ errorClass('CheckViolation');
/** The database could not serialize the transaction with others; run it again. */
export const SerializationFailure: ErrorClass = /* @__PURE__ */ errorClass('SerializationFailure');
/** The database ended the transaction to break a deadlock; run it again. */
export const DeadlockDetected: ErrorClass = /* @__PURE__ */ errorClass('DeadlockDetected');
/** A lock did not come free in time; run the work again. */
export const LockTimeout: ErrorClass = /* @__PURE__ */ errorClass('LockTimeout');
/** A row that should have been changed is gone or was changed by another. */
export const StaleDataError: ErrorClass = /* @__PURE__ */ errorClass('StaleDataError');
/** The connection broke. `outcome` says what became of the work. */
export const ConnectionLost: ErrorClass = /* @__PURE__ */ errorClass('ConnectionLost');
/** The commit left and no reply came. */
export const CommitOutcomeUnknown: ErrorClass = /* @__PURE__ */ errorClass('CommitOutcomeUnknown');
/** The server ended a transaction that was open for too long. */
export const TransactionExpired: ErrorClass = /* @__PURE__ */ errorClass('TransactionExpired');
/** The deadline passed, or the signal aborted. */
export const TimeoutError: ErrorClass = /* @__PURE__ */ errorClass('TimeoutError');
/** The database sheds load; try later. */
export const Overloaded: ErrorClass = /* @__PURE__ */ errorClass('Overloaded');
/** The work is larger than a limit of the database, which the message names. */
export const LimitExceeded: ErrorClass = /* @__PURE__ */ errorClass('LimitExceeded');
/** The driver or the database cannot do this. */
export const CapabilityError: ErrorClass = /* @__PURE__ */ errorClass('CapabilityError');
/** A second write was begun while one is running. */
export const SessionBusyError: ErrorClass = /* @__PURE__ */ errorClass('SessionBusyError');
/** A relation or column was read that has not been loaded. */
export const NotLoadedError: ErrorClass = /* @__PURE__ */ errorClass('NotLoadedError');
/** A value that its column cannot hold. */
export const InvalidValueError: ErrorClass = /* @__PURE__ */ errorClass('InvalidValueError');
/** One row was asked for and there is none. */
export const NoResultFound: ErrorClass = /* @__PURE__ */ errorClass('NoResultFound');
/** One row was asked for and there are several. */
export const MultipleResultsFound: ErrorClass = /* @__PURE__ */ errorClass('MultipleResultsFound');
/** Models or calls that contradict each other or the rules. */
export const ConfigurationError: ErrorClass = /* @__PURE__ */ errorClass('ConfigurationError');
/** A step of a migration may lose rows or be refused for them, and nobody has consented to it by name. */
export const ConsentRequired: ErrorClass = /* @__PURE__ */ errorClass('ConsentRequired');
/** An error of the database that has no class of its own here. */
export const DatabaseError: ErrorClass = /* @__PURE__ */ errorClass('DatabaseError');
/** A handler of an event threw after the commit: what was written stays, and `outcome` is `committed`. */
export const EventError: ErrorClass = /* @__PURE__ */ errorClass('EventError');
/** A defect of Cinnabar itself; please report it. */
export const InternalError: ErrorClass = /* @__PURE__ */ errorClass('InternalError');

/** For the branch of a switch that cannot be reached. */
export function assertNever(value: never, what: string): never {
  throw new InternalError(`unexpected ${what}: ${(value as { kind?: string }).kind ?? typeof value}`);
}
