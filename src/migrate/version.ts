/** Of the package, as the ledger notes it. */
export const VERSION = '0.1.0';
