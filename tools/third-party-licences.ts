import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Folder of an npm package inside a path such as `node_modules/@a/b/lib/x.js`. */
const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Names, versions and licence texts of every package whose code is in a bundle. */
export async function thirdPartyLicences({ inputs }: Metafile): Promise<string> {
  const folders = Object.keys(inputs).flatMap((path) => packageFolder.exec(path)?.[0] ?? []);
  const entries = await Promise.all([...new Set(folders)].map(licenceOf));
  return entries.toSorted().join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenceOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name?: string;
    readonly version?: string;
    readonly license?: string;
  };
  const title = `${manifest.name ?? folder} ${manifest.version ?? ''}, ${manifest.license ?? 'see below'}`;
  const files = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  const texts = await Promise.all(
    files.toSorted().map(async (name) => (await readFile(join(folder, name), 'utf8')).trim()),
  );
  return [title, ...texts].join('\n\n') + '\n';
}
