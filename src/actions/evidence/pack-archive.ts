import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';

/** Byte of the gzip header that names the operating system; 255 is "unknown". */
const systemByte = 9;

const unknownSystem = 255;

/**
 * Packs text files as `.tar.gz`. Equal files give equal bytes: names are sorted, times and owners
 * are fixed, and the gzip header holds neither time nor operating system.
 */
export async function packArchive(files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const entries = [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => {
      const body = new TextEncoder().encode(text);
      const header = { name, size: body.length, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 };
      return { header: { ...header, uname: '', gname: '', type: 'file' as const }, body };
    });
  const archive = gzipSync(await packTar(entries), { level: 9 });
  archive[systemByte] = unknownSystem;
  return archive;
}
