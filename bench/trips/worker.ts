import { d1, type D1Like } from '../../adapters/d1/index.ts';
import { countedD1 } from '../support/counted-d1.ts';
import { d1Raw } from '../support/raw.ts';
import { measure, type Measured, workloadsFor } from './measure.ts';

interface Env {
  readonly DB: D1Like;
}

/** Runs the workloads on D1, once as fast as it goes and once with a latency, and answers both. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { latency } = (await request.json()) as { latency: number };
    const measured: Measured[] = [];
    for (const each of [0, latency]) {
      const counted = countedD1(env.DB, each);
      const driver = d1(counted);
      const found: Measured[] = [];
      for (const workload of workloadsFor(driver)) {
        found.push(await measure(workload, driver, counted, d1Raw(env.DB)));
      }
      measured.push(...found);
    }
    return Response.json(measured);
  },
};
