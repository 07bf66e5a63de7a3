import { readNamedFile } from '../read-file.ts';
import type { Files } from '../read-spec.ts';
import { definedOnly, type PriceList } from './price-list.ts';

/** Reads prices from a YAML or JSON file, then lets the options of the command line replace them. */
export async function readPrices(
  path: string | undefined,
  options: PriceList,
  files: Pick<Files, 'readText'>,
): Promise<PriceList> {
  const given = definedOnly(options);
  if (path === undefined) return given;
  // Options are enough for most runs, and the parser and the schema are slow to load.
  const { parsePrices } = await import('./parse-prices.ts');
  const text = await readNamedFile(path, 'the prices', files);
  return { ...parsePrices(text, path), ...given };
}
