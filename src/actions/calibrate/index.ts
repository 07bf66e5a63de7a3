export { type CalibrateOptions, calibrate } from './calibrate.ts';
export type * from './calibrate-result.ts';
