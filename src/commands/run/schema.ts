import { type ExitCode, exitCode } from '../../errors/index.ts';
import { specJsonSchema } from '../../spec/index.ts';
import type { Context } from '../context.ts';

/** Prints the JSON Schema of the spec. */
export function runSchema({ stdout }: Context): Promise<ExitCode> {
  stdout.write(`${JSON.stringify(specJsonSchema(), null, 2)}\n`);
  return Promise.resolve(exitCode.done);
}
