import { chmod, writeFile } from 'node:fs/promises';

/** Writes a file that only its owner can read, also when it existed with wider rights. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}
