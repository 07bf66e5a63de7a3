export { type CalibrateOptions, calibrate } from './calibrate.ts';
export type * from './calibrate-result.ts';
export { readProfile } from './read-profile.ts';
