import { fromTape, type FakeD1 } from './tape.ts';

/** One insert and one query with a relation; what it tells is the same for every contender. */
export type Work = (database: FakeD1) => Promise<unknown>;

/** A Worker that does the work as often as asked. */
export function serve(
  work: Work,
  tape: Readonly<Record<string, string>>,
): { fetch(request: Request): Promise<Response> } {
  const database = fromTape(tape);
  return {
    async fetch(request) {
      const times = Number(new URL(request.url).searchParams.get('times'));
      let told: unknown = null;
      for (let time = 0; time < times; time++) told = await work(database);
      return Response.json(told);
    },
  };
}
