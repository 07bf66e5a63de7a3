/** Tells whether a file operation failed because the file is not there. */
export function isMissingFile(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

/** Tells whether an exclusive creation failed because the file is there. */
export function isExistingFile(error: unknown): boolean {
  return hasCode(error, 'EEXIST');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
