import { DsdeployError } from '../errors/index.ts';
import { parseSpec, type Spec, toErrorDetail, toSpecError } from '../spec/index.ts';
import type { Host } from './host.ts';

/** Files as the commands use them. Failures are Node's own, with their `code`. */
export interface Files {
  readText(path: string): Promise<string>;
  readStdin(): Promise<string>;
  /** Paths of the files of a folder, sorted; of a file, itself. Folders in it are left out. */
  listFiles(path: string): Promise<readonly string[]>;
  /** Writes a file and the folders above it; without `overwrite` an existing one is `EEXIST`. */
  writeText(path: string, text: string, options: WriteTextOptions): Promise<void>;
  /** As `writeText`, for what is no text. */
  writeBytes(path: string, bytes: Uint8Array, options: WriteTextOptions): Promise<void>;
  /** Removes a file; an absent one is `ENOENT`. */
  remove(path: string): Promise<void>;
}

export interface WriteTextOptions {
  readonly overwrite: boolean;
  /**
   * Whether only its owner may read it.
   *
   * @default false
   */
  readonly isPrivate?: boolean;
}

/** What reading a spec needs of the files. */
export type SpecFiles = Pick<Files, 'readText' | 'readStdin'>;

export interface ReadPorts {
  readonly files: SpecFiles;
  readonly host: Pick<Host, 'notify'>;
}

export interface SpecSource {
  /** Path of the spec, or `-` for stdin. */
  readonly file: string;
  /** Replaces the spec's own namespace. */
  readonly namespace?: string | undefined;
}

/** Reads and checks a spec; every problem in it is told by one error, every warning by the host. */
export async function readSpec(source: SpecSource, { files, host }: ReadPorts): Promise<Spec> {
  const isStdin = source.file === '-';
  const fileName = isStdin ? 'stdin' : source.file;
  const text = await readSpecText(source.file, files);
  const parsed = parseSpec(text, { fileName });
  if (parsed.kind === 'issues') throw toSpecError(parsed.issues, fileName);
  for (const warning of parsed.warnings) {
    const { location = fileName, message, hint } = toErrorDetail(warning);
    const text = [`${location}  ${message}`, ...(hint === undefined ? [] : [hint])].join('. ');
    host.notify({ code: 'WARNING', level: 'warning', text });
  }
  const { namespace = parsed.spec.namespace } = source;
  return { ...parsed.spec, namespace };
}

/** Reads the text of a spec; `-` is stdin. */
export async function readSpecText(file: string, files: SpecFiles): Promise<string> {
  try {
    return file === '-' ? await files.readStdin() : await files.readText(file);
  } catch (error) {
    // Interrupted while it waited for stdin.
    if (error instanceof DsdeployError) throw error;
    throw readError(file, error);
  }
}

function readError(file: string, cause: unknown): DsdeployError {
  if (isErrorCode(cause, 'ENOENT')) {
    return new DsdeployError('SPEC_MISSING', `Cannot read the spec: there is no file "${file}"`, {
      subject: file,
      hint: 'Run `dsdeploy init` to write one, or name yours with --file.',
    });
  }
  const isFolder = isErrorCode(cause, 'EISDIR');
  return new DsdeployError(
    'SPEC_UNREADABLE',
    `Cannot read the spec: "${file}" ${isFolder ? 'is a folder' : 'cannot be opened'}`,
    { subject: file, hint: 'Name a readable YAML file with --file.', cause },
  );
}

/** Tells whether an error carries this system error code, such as `ENOENT`. */
export function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
