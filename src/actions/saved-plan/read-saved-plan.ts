import { z } from 'zod';
import { DsdeployError } from '../../errors/index.ts';
import type { Layout } from '../../layout/index.ts';
import { contentDigest, type Plan, type SavedPlan, savedPlanVersion } from '../../plan/index.ts';
import { type Files, isErrorCode } from '../read-spec.ts';

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

// What the digest covers was written by us, so that the inside needs no second description.
const savedPlanSchema = z.object({
  apiVersion: z.literal('dsdeploy/v1'),
  kind: z.literal('SavedPlan'),
  formatVersion: z.literal(savedPlanVersion),
  tool: z.string(),
  savedAt: z.string(),
  specSha256: z.string(),
  manifestsSha256: z.string(),
  plan: z.custom<Plan>(isObject),
  layout: z.custom<Layout>(isObject),
  contentSha256: z.string(),
});

const headerSchema = z.looseObject({
  apiVersion: z.literal('dsdeploy/v1'),
  kind: z.literal('SavedPlan'),
  formatVersion: z.number(),
  contentSha256: z.string(),
});

/** Reads a plan that `plan --out` wrote; one that was edited since is refused. */
export async function readSavedPlan(
  path: string,
  files: Pick<Files, 'readText'>,
): Promise<SavedPlan> {
  return parseSavedPlan(await readText(path, files), path);
}

/** Parses the text of a plan file. */
export function parseSavedPlan(text: string, path: string): SavedPlan {
  const { data: header } = headerSchema.safeParse(parseJson(text));
  if (header === undefined && looksLikePlan(text))
    throw invalid(path, 'it was edited or cut short after it was written');
  if (header === undefined)
    // Most likely a spec, which a plan must not be written over.
    throw invalid(path, 'it is not a plan that `dsdeploy plan --out` wrote', {
      hint: `If it is a spec, run \`dsdeploy apply --file ${path}\`; else make a plan with \`dsdeploy plan --out FILE\`.`,
    });
  if (header.formatVersion !== savedPlanVersion) {
    const versions = `${String(header.formatVersion)}, and this dsdeploy reads ${String(savedPlanVersion)}`;
    throw invalid(path, `its format version is ${versions}`);
  }
  if (contentDigest(header) !== header.contentSha256)
    throw invalid(path, 'it was edited or cut short after it was written');
  const { data } = savedPlanSchema.safeParse(header);
  if (data === undefined) throw invalid(path, 'parts of it are missing');
  return data;
}

/** By its beginning, which is left of a file that was cut short. */
function looksLikePlan(text: string): boolean {
  return /^\s*\{\s*"apiVersion":[^,]*,\s*"kind":\s*"SavedPlan"/.test(text);
}

async function readText(path: string, files: Pick<Files, 'readText'>): Promise<string> {
  try {
    return await files.readText(path);
  } catch (cause) {
    const reason = isErrorCode(cause, 'ENOENT') ? 'there is no such file' : 'it cannot be opened';
    throw invalid(path, reason, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said as "not a plan": where the JSON breaks is of no use to anybody.
    return undefined;
  }
}

interface InvalidOptions {
  readonly cause?: unknown;
  /** @default - how to make the plan again */
  readonly hint?: string;
}

function invalid(
  path: string,
  reason: string,
  { cause, hint = `Make a new one with \`dsdeploy plan --out ${path}\`.` }: InvalidOptions = {},
): DsdeployError {
  return new DsdeployError('PLAN_FILE_INVALID', `Cannot use the plan "${path}": ${reason}`, {
    subject: path,
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
