/** Batch sizes whose decode steps are captured over nodes; more of them exhaust the streams of a device. */
export const captureSizes = [8, 16, 24, 32, 40, 48];
