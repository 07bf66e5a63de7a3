import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * Reads a file of `engine-args/` when it is first asked for: a command looks at one release, and all of
 * them are a third of a megabyte. The build puts the folder beside the bundle.
 *
 * @param name - without `.json`: `vllm-0.33.0`.
 */
export function readEngineArgs(name: string): unknown {
  return load(`./engine-args/${name}.json`);
}
