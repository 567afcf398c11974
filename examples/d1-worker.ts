// The Worker of demo-d1.ts: the tour on D1. It answers with the steps, and with the error when there is one.
import { d1, type D1Like } from 'cinnabar/d1';
import type { StepRecord } from './recorder.ts';
import { tour } from './tour.ts';

export interface Answer {
  readonly steps: readonly StepRecord[];
  readonly error?: string;
}

export default {
  async fetch(_request: Request, env: { readonly DB: D1Like }): Promise<Response> {
    const steps: StepRecord[] = [];
    try {
      await tour(d1(env.DB), (step) => steps.push(step));
      return Response.json({ steps } satisfies Answer);
    } catch (error) {
      return Response.json({ steps, error: String(error instanceof Error ? error.stack : error) } satisfies Answer);
    }
  },
};
