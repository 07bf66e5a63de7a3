import { DsdeployError } from '../errors/index.ts';
import { type Files, isErrorCode } from './read-spec.ts';

/** Reads a file that the command line names; `what` says for the message what it holds. */
export async function readNamedFile(
  path: string,
  what: string,
  files: Pick<Files, 'readText'>,
): Promise<string> {
  try {
    return await files.readText(path);
  } catch (cause) {
    throw unreadable(path, what, cause);
  }
}

/** Lists the files of a folder that the command line names, or the one file it names. */
export async function listNamedFiles(
  path: string,
  what: string,
  files: Pick<Files, 'listFiles'>,
): Promise<readonly string[]> {
  try {
    return await files.listFiles(path);
  } catch (cause) {
    throw unreadable(path, what, cause);
  }
}

function unreadable(path: string, what: string, cause: unknown): DsdeployError {
  const isAbsent = isErrorCode(cause, 'ENOENT');
  return new DsdeployError(
    'FILE_UNREADABLE',
    `Cannot read ${what}: "${path}" ${isAbsent ? 'does not exist' : 'cannot be opened'}`,
    { subject: path, hint: 'Check the path.', cause },
  );
}
