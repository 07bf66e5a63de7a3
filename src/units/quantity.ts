/** Factors of the suffixes of a Kubernetes quantity. */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Parses a Kubernetes quantity of any resource: `500m`, `32`, `512Gi`, `1e3`.
 *
 * Exact up to 2^53 units; beyond that, rounded to about 16 digits.
 *
 * @returns the number of units (CPUs, bytes, devices), or `undefined` when the text is no quantity.
 */
export function parseQuantity(text: string | number): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/.exec(
    String(text).trim(),
  );
  if (match === null) return undefined;
  const [, digits = '', exponent = '', suffix = ''] = match;
  const factor = factors[suffix];
  return factor === undefined ? undefined : Number(`${digits}${exponent}`) * factor;
}

/** Formats an amount of a resource for people: bytes in Gi, everything else as a number. */
export function formatQuantity(resource: string, amount: number): string {
  if (!/(^|\.)(memory|storage|ephemeral-storage)$/.test(resource) && !/^hugepages-/.test(resource))
    return trimNumber(amount);
  return `${trimNumber(amount / 2 ** 30)}Gi`;
}

function trimNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
