import { Fragment } from './expression.ts';

/** A text or a call of the program's own, or an aggregate: it may yield something else the next time. */
export class Opaque extends Fragment {}
