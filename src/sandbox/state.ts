import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';

import { DsdeployError } from '../errors/index.ts';
import { isBelowFile, isExistingFile, isMissingFile } from './file-error.ts';
import { sandboxPaths } from './paths.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** What `sandbox.json` holds: everything needed to use, describe and stop a sandbox. */
export interface SandboxState {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Sandbox';
  readonly name: string;
  /** `starting` outlives a boot that was killed; such a sandbox can only be stopped. */
  readonly phase: 'starting' | 'running';
  readonly directory: string;
  readonly kubeconfigPath: string;
  /** Name of the context in that kubeconfig. */
  readonly context: string;
  readonly serverUrl: string;
  /** By component; each is the leader of its own process group. */
  readonly processes: Readonly<Record<string, ProcessIdentity>>;
  /** The process that boots the sandbox; of no meaning later. */
  readonly starter: ProcessIdentity;
  readonly nodes: readonly { readonly name: string; readonly kind: string }[];
  /** Program to its path, so that `kubectl` of the right version can be used. */
  readonly binaries: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

const identitySchema = z.object({ pid: z.int().positive(), startedAt: z.string() });

const stateSchema: z.ZodType<SandboxState> = z.object({
  apiVersion: z.literal('dsdeploy/v1'),
  kind: z.literal('Sandbox'),
  name: z.string(),
  phase: z.enum(['starting', 'running']),
  directory: z.string(),
  kubeconfigPath: z.string(),
  context: z.string(),
  serverUrl: z.string(),
  processes: z.record(z.string(), identitySchema),
  starter: identitySchema,
  nodes: z.array(z.object({ name: z.string(), kind: z.string() })),
  binaries: z.record(z.string(), z.string()),
  versions: z.record(z.string(), z.string()),
});

/** Reads the state of the sandbox in `directory`, or `undefined` when there is none. */
export async function readSandboxState(directory: string): Promise<SandboxState | undefined> {
  const { stateFile } = sandboxPaths(directory);
  const text = await readFile(stateFile, 'utf8').catch((error: unknown) => {
    if (isMissingFile(error) || isBelowFile(error)) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = stateSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new DsdeployError(
    'SANDBOX_STATE_INVALID',
    `Cannot read the sandbox state: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    {
      subject: stateFile,
      hint: 'End the processes listed in the file by hand, then remove its folder.',
      cause: parsed.error,
    },
  );
}

/** Writes the first state; false when another process has just done so. */
export async function createSandboxState(state: SandboxState): Promise<boolean> {
  try {
    const { stateFile } = sandboxPaths(state.directory);
    await writeFile(stateFile, JSON.stringify(state), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (isExistingFile(error)) return false;
    throw error;
  }
}

/** Replaces the state file in one step, so that a reader never sees half of it. */
export async function writeSandboxState(state: SandboxState): Promise<void> {
  const { stateFile } = sandboxPaths(state.directory);
  const temporary = `${stateFile}.${String(process.pid)}`;
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, stateFile);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported by the schema as a missing object
  }
}
