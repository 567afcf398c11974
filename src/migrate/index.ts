export type * from './snapshot.ts';
export type * from './operations/operation.ts';
export type { Render } from './operations/render.ts';
export { reverse } from './operations/reverse.ts';
