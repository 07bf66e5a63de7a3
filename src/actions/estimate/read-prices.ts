import { parse } from 'yaml';
import { z } from 'zod';
import { DsdeployError } from '../../errors/index.ts';
import { readNamedFile } from '../read-file.ts';
import type { Files } from '../read-spec.ts';
import { type PriceList, priceKeys } from './price-list.ts';

const amounts = Object.fromEntries(
  Object.entries(priceKeys).map(([key, meaning]) => [key, z.number().describe(meaning).optional()]),
);

const price = z.number().min(0);

const fileSchema = z.strictObject({
  ...amounts,
  hosted: z.strictObject({ input: price, cachedInput: price, output: price }).optional(),
});

/** Reads prices from a YAML or JSON file, then lets the options of the command line replace them. */
export async function readPrices(
  path: string | undefined,
  options: PriceList,
  files: Pick<Files, 'readText'>,
): Promise<PriceList> {
  const given = definedOnly(options);
  if (path === undefined) return given;
  return { ...parsePrices(await readNamedFile(path, 'the prices', files), path), ...given };
}

function parsePrices(text: string, path: string): PriceList {
  const result = fileSchema.safeParse(parseText(text));
  if (result.success) return definedOnly(result.data);
  const details = result.error.issues.map(({ path: keys, message }) => ({
    location: [path, ...keys.map(String)].join(': '),
    message,
  }));
  throw new DsdeployError(
    'PRICES_INVALID',
    `Cannot read the prices: "${path}" has other contents`,
    {
      subject: path,
      hint: `Use a mapping of these keys to numbers: ${Object.keys(priceKeys).join(', ')}, hosted.`,
      details,
    },
  );
}

/** `undefined` for what is no YAML: the schema refuses it like any other value. */
function parseText(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function definedOnly(list: Readonly<Record<string, unknown>> | PriceList): PriceList {
  return Object.fromEntries(Object.entries(list).filter(([, value]) => value !== undefined));
}
