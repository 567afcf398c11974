export {
  type ConformanceCase,
  type ConformanceContext,
  type ConformanceResult,
  type ConformanceTotals,
  type Query,
  runCase,
} from './conformance.ts';
export { driverCases, runConformance } from './driver-cases.ts';
export { type RecordedCall, type RecordingDriver, recordingDriver } from './recording-driver.ts';
