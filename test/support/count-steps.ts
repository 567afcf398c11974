import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';

// Optimized code is not counted in full.
setFlagsFromString('--no-opt');
setFlagsFromString('--no-maglev');

/**
 * How many blocks and functions of the library ran, as V8 counts them: a measure of its work that, unlike time, does not
 * depend on the machine. To be imported before the library has run.
 */
export async function countSteps(work: () => Promise<unknown>): Promise<number> {
  const inspector = new Session();
  inspector.connect();
  try {
    await inspector.post('Profiler.enable');
    await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    await inspector.post('Profiler.takePreciseCoverage');
    await work();
    const { result } = await inspector.post('Profiler.takePreciseCoverage');
    await inspector.post('Profiler.stopPreciseCoverage');
    const own = result.filter(({ url }) => /\/(?:src|adapters)\/.*\.ts$/.test(url));
    const ranges = own.flatMap(({ functions }) => functions.flatMap((each) => each.ranges));
    return ranges.reduce((sum, { count }) => sum + count, 0);
  } finally {
    inspector.disconnect();
  }
}
