const decimalFactors = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 } as const;
const binaryFactors = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 } as const;

/** One gibibyte, 2^30 bytes. */
export const gibibyte = 2 ** 30;

/**
 * Parses a byte size: a Kubernetes quantity (`512Gi`, `1T`) or the same with a `B` (`2GB`, `64GiB`).
 *
 * @returns bytes, or `undefined` when the text is not a size.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(Ki|Mi|Gi|Ti|Pi|K|k|M|G|T|P)?B?$/.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(match[1]);
  const suffix = match[2];
  if (suffix === undefined) return value;
  const factors: Readonly<Record<string, number>> = { ...decimalFactors, K: 1e3, ...binaryFactors };
  const factor = factors[suffix];
  return factor === undefined ? undefined : Math.round(value * factor);
}

/** Parses bytes per second, for example `2GB/s`, `1.5GiB/s`, `800M/s`. */
export function parseBytesPerSecond(text: string): number | undefined {
  const match = /^(.*?)\s*\/\s*s$/.exec(text.trim());
  return match?.[1] === undefined ? undefined : parseBytes(match[1]);
}

/** Formats in GiB with two decimals, the unit of the engines' own memory logs. */
export function formatGib(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(2)} GiB`;
}

/** Formats in decimal units, the unit of disks and networks: `689.5 GB`. */
export function formatGb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
