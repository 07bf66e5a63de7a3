import { DsdeployError } from '../../src/errors/index.ts';

/** The error that work ends with; anything but a `DsdeployError` fails the test as it is. */
export async function errorOf(work: Promise<unknown>): Promise<DsdeployError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DsdeployError) return error;
  throw error instanceof Error ? error : new Error('nothing was thrown');
}
