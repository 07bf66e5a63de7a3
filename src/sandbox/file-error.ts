import { DsdeployError } from '../errors/index.ts';

/** Tells whether a file operation failed because the file is not there. */
export function isMissingFile(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

/** Tells whether a path cannot exist, because what should be its folder is a file. */
export function isBelowFile(error: unknown): boolean {
  return hasCode(error, 'ENOTDIR');
}

/** Tells whether an exclusive creation failed because the file is there. */
export function isExistingFile(error: unknown): boolean {
  return hasCode(error, 'EEXIST');
}

/** What a folder can be that nothing may be written to: by rights, by kind, by being full. */
const unusable: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'you may not write there'],
  ['EPERM', 'you may not write there'],
  ['EROFS', 'the disk is read-only'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['EISDIR', 'a folder is where a file has to be'],
  ['ENAMETOOLONG', 'the path is too long'],
  ['EDQUOT', 'your disk quota is used up'],
]);

/** Runs `task` and turns the ways in which a disk can refuse it into coded errors. */
export async function explainFileErrors<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    throw explainFileError(error);
  }
}

function explainFileError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DsdeployError || !('code' in error))
    return error;
  const subject = 'path' in error && typeof error.path === 'string' ? { subject: error.path } : {};
  if (error.code === 'ENOSPC') {
    return new DsdeployError(
      'SANDBOX_DISK_FULL',
      'Cannot write the sandbox: no space left on the disk',
      { ...subject, hint: 'Free 1 GB, or name a folder on another disk.', cause: error },
    );
  }
  const problem = isRefusedFolder(error) ? 'no folder can be made there' : problemOf(error.code);
  if (problem === undefined) return error;
  return new DsdeployError('FILE_UNWRITABLE', `Cannot use the folder of the sandbox: ${problem}`, {
    ...subject,
    hint: 'Name another with --directory, or another cache with XDG_CACHE_HOME.',
    cause: error,
  });
}

function problemOf(code: unknown): string | undefined {
  return typeof code === 'string' ? unusable.get(code) : undefined;
}

/** Tells whether a folder was refused as if the one it should lie in were not there: see makeDirectory(). */
function isRefusedFolder(error: Error): boolean {
  return isMissingFile(error) && 'syscall' in error && error.syscall === 'mkdir';
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
