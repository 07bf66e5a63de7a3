import { parse } from 'yaml';
import { z } from 'zod';
import { DsdeployError } from '../../errors/index.ts';
import { definedOnly, type PriceList, priceKeys } from './price-list.ts';

const amounts = Object.fromEntries(
  Object.entries(priceKeys).map(([key, meaning]) => [key, z.number().describe(meaning).optional()]),
);

const price = z.number().min(0);

const fileSchema = z.strictObject({
  ...amounts,
  hosted: z.strictObject({ input: price, cachedInput: price, output: price }).optional(),
});

/**
 * Parses the text of a price file.
 *
 * @throws DsdeployError `PRICES_INVALID`, with every value that is wrong.
 */
export function parsePrices(text: string, path: string): PriceList {
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
