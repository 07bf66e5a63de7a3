/** Spellings of the switch in the releases of the catalog; the cache is on by default. */
const offFlags: ReadonlySet<string> = new Set([
  '--no-enable-prefix-caching',
  '--disable-prefix-caching',
]);

/** Whether a server with these arguments reuses the cache of equal beginnings of prompts. */
export function keepsPrefixes(args: readonly string[]): boolean {
  return !args.some((arg) => offFlags.has(arg));
}
