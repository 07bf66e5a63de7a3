import { z } from 'zod';
import { parseBytes, parseBytesPerSecond, parseSeconds } from '../units/index.ts';

/** What a field says about itself: for the JSON Schema, and for the messages about wrong values. */
export interface FieldMeta {
  /** What the value does, with its unit; the text editors show. */
  readonly description?: string;
  readonly examples?: readonly unknown[];
  /** Completes "must be …". */
  readonly expects?: string;
  /** How to find a site value: an exact command, or the place to look at. */
  readonly find?: string;
  /** How to mend a wrong value. */
  readonly fix?: string;
  /** Whether a wrong text can be offered again in lower case and with dashes. */
  readonly slug?: boolean;
}

/** Attaches `meta` to a schema; inherited by its `.optional()` and `.default()`. */
export function field<Schema extends z.ZodType>(schema: Schema, meta: FieldMeta): Schema {
  return schema.meta({ ...meta, ...(meta.examples ? { examples: [...meta.examples] } : {}) });
}

/** Text that matches `pattern`; `expects` says the same in words. */
export function pattern(regex: RegExp, expects: string, fix?: string): z.ZodString {
  return field(z.string().regex(regex), { expects, ...(fix === undefined ? {} : { fix }) });
}

/** Whole number from `min` to `max`; beyond any `max` a number is a slip. */
export function wholeNumber(min: number, max: number): z.ZodInt {
  return field(z.int().min(min).max(max), { expects: `a whole number from ${min} to ${max}` });
}

/** RFC 1035 label, which Services and LeaderWorkerSets need as names. */
export function dns1035Label(maxLength: number): z.ZodString {
  return field(
    z.string().regex(new RegExp(`^(?=.{1,${maxLength}}$)[a-z](?:[a-z0-9-]*[a-z0-9])?$`)),
    {
      expects: `a name of lower-case letters, digits and dashes, starting with a letter, at most ${maxLength} characters`,
      slug: true,
    },
  );
}

/** Name of an object, as most Kubernetes kinds want it. */
export const objectName = field(
  z
    .string()
    .regex(/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/),
  {
    expects: 'the name of a Kubernetes object: lower-case letters, digits, dashes and dots',
    slug: true,
  },
);

export const namespaceName = field(
  z.string().regex(/^(?=.{1,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/),
  {
    expects:
      'the name of a namespace: lower-case letters, digits and dashes, at most 63 characters',
    slug: true,
  },
);

export const nonEmptyText = pattern(/\S/, 'text that is not empty');

/** Extended resource such as `nvidia.com/gpu`. */
export const extendedResource = pattern(
  /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/,
  'the name of an extended resource, with a slash',
);

export const labelKey = pattern(
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/,
  'a label key',
);

const labelValue = pattern(
  /^(?:(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?$/,
  'a label value: at most 63 letters, digits, dashes, dots and underscores',
);

/** Kubernetes labels, or a selector on them. */
export const labels = z.record(labelKey, labelValue);

/** Path inside a volume. */
export const relativePath = pattern(
  /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/,
  'a path inside the volume, without a leading slash and without ".."',
);

export const absolutePath = pattern(
  /^\/(?!(?:.*\/)?\.\.(?:\/|$)).+$/,
  'an absolute path below /, without ".."',
);

export const imageReference = pattern(
  /^[A-Za-z0-9][A-Za-z0-9._:/-]*(?:@sha256:[a-f0-9]{64})?$/,
  'an image reference',
);

/**
 * Kubernetes size. A unit is demanded, since `memory: 512` means 512 bytes, and `512m` half a byte.
 */
export const byteQuantity = sizeUpTo('1Pi');

/** The same, up to a size that is itself a quantity; beyond it a number is a slip. */
export function sizeUpTo(most: string): z.ZodString {
  const mostBytes = parseBytes(most) ?? 0;
  const size = pattern(
    /^[1-9]\d*(?:\.\d+)?(?:Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)$/,
    `a Kubernetes size with its unit, up to ${most}`,
    'Write Gi for gibibytes (2^30) or G for gigabytes (10^9), without a B: 512Gi.',
  );
  return size.refine((text) => (parseBytes(text) ?? 0) <= mostBytes).meta(size.meta() ?? {});
}

/** More than any node has. */
const mostCores = 4096;

/** CPU quantity: cores as a number or text, or millicores. */
export const cpuQuantity = field(
  z.union([
    z.number().positive().max(mostCores),
    z.string().regex(/^(?:[1-9]\d{0,3}(?:\.\d+)?|0\.\d+|[1-9]\d{0,6}m)$/),
  ]),
  { expects: 'a number of cores or millicores' },
);

function isBetween(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most;
}

export const byteRate = field(
  z.string().refine((text) => isBetween(parseBytesPerSecond(text), 1, 1e14)),
  {
    expects: 'bytes per second, with unit, up to 100TB/s',
    fix: 'Write bytes, not bits, per second: 16 Gbit/s is 2GB/s.',
  },
);

export const duration = field(
  z.string().refine((text) => isBetween(parseSeconds(text), 0, 86_400)),
  {
    expects: 'a duration with its unit, up to 24h',
    fix: 'Write hours, minutes and seconds as h, m and s: 1h30m.',
  },
);

const addressRange = z.union([z.cidrv4(), z.cidrv6()]);

// A refinement, since the formats of Zod's own types are unknown to JSON Schema validators.
export const cidr = field(
  z.string().refine((text) => addressRange.safeParse(text).success),
  {
    expects: 'an address range in CIDR notation',
    fix: 'Write an address, a slash and the prefix length; one address is 10.1.2.3/32.',
  },
);
