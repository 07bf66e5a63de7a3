import type { SiteProfileDocument } from '../../capacity/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import { profileSchema } from './profile-schema.ts';

/**
 * Parses a site profile.
 *
 * @throws DsdeployError `PROFILE_INVALID`, with every value that is wrong.
 */
export function parseProfile(text: string, path: string): SiteProfileDocument {
  const result = profileSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path: keys, message }) => ({
    location: keys.length === 0 ? path : `${path}: ${keys.map(String).join('.')}`,
    message,
  }));
  throw new DsdeployError('PROFILE_INVALID', `Cannot use the site profile: "${path}" is not one`, {
    subject: path,
    hint: 'Write one with `dsdeploy calibrate`.',
    details: details.slice(0, 10),
  });
}

/** `undefined` for what is no JSON: the schema refuses it like any other value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
