import { dirname, isAbsolute, join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { DsdeployError } from '../../errors/index.ts';

const execPluginSchema = z.looseObject({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().nullish(),
  provideClusterInfo: z.boolean().nullish(),
  interactiveMode: z.string().nullish(),
});

/** A credential plug-in of the kubeconfig: a program that prints a token or a certificate. */
export type ExecPlugin = z.infer<typeof execPluginSchema>;

const clusterSchema = z.looseObject({
  server: z.string().min(1),
  'certificate-authority': z.string().nullish(),
  'certificate-authority-data': z.string().nullish(),
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': z.string().nullish(),
  'proxy-url': z.string().nullish(),
  extensions: z.array(z.looseObject({ name: z.string(), extension: z.unknown() })).nullish(),
});

const userSchema = z.looseObject({
  'client-certificate': z.string().nullish(),
  'client-certificate-data': z.string().nullish(),
  'client-key': z.string().nullish(),
  'client-key-data': z.string().nullish(),
  token: z.string().nullish(),
  tokenFile: z.string().nullish(),
  username: z.string().nullish(),
  password: z.string().nullish(),
  as: z.string().nullish(),
  'as-uid': z.string().nullish(),
  'as-groups': z.array(z.string()).nullish(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  'auth-provider': z
    .looseObject({ name: z.string(), config: z.record(z.string(), z.string()).nullish() })
    .nullish(),
  exec: execPluginSchema.nullish(),
});

const contextSchema = z.looseObject({
  cluster: z.string(),
  user: z.string().nullish(),
  namespace: z.string().nullish(),
});

// Entries are checked only when a context uses them: kubectl works with a half-broken file too.
const entries = z.array(z.looseObject({ name: z.string() })).nullish();

const kubeconfigSchema = z.looseObject({
  'current-context': z.string().nullish(),
  clusters: entries,
  users: entries,
  contexts: entries,
});

export type ClusterEntry = z.infer<typeof clusterSchema>;
export type UserEntry = z.infer<typeof userSchema>;
export type ContextEntry = z.infer<typeof contextSchema>;

/** One named entry and the file it came from, which relative paths in it are relative to. */
export interface RawEntry {
  readonly file: string;
  readonly body: unknown;
}

export interface KubeconfigFile {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, RawEntry>;
  readonly users: ReadonlyMap<string, RawEntry>;
  readonly contexts: ReadonlyMap<string, RawEntry>;
}

/** Parses one kubeconfig; duplicate names inside one file are an error, as in kubectl. */
export function parseKubeconfigFile(file: string, text: string): KubeconfigFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    const [reason = 'it is not YAML'] = problem.message.split(/ at line \d+/);
    throw invalid(file, `${file}:${line}:${col}`, reason, problem);
  }
  // An empty file is an empty config to kubectl, so that it can stand in a KUBECONFIG list.
  const parsed = kubeconfigSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw invalid(file, file, describeIssues(parsed.error));
  const { data } = parsed;
  const currentContext = data['current-context'];
  return {
    currentContext: currentContext ? currentContext : undefined,
    clusters: byName(file, 'cluster', data.clusters ?? []),
    users: byName(file, 'user', data.users ?? []),
    contexts: byName(file, 'context', data.contexts ?? []),
  };
}

/** Checks a cluster entry and makes its file names absolute. */
export function readClusterEntry(name: string, entry: RawEntry): ClusterEntry {
  const cluster = check(clusterSchema, `cluster "${name}"`, entry);
  return absolute(cluster, ['certificate-authority'], entry.file);
}

/** Checks a user entry and makes its file names, and a plug-in given by path, absolute. */
export function readUserEntry(name: string, entry: RawEntry): UserEntry {
  const user = check(userSchema, `user "${name}"`, entry);
  const resolved = absolute(user, ['client-certificate', 'client-key', 'tokenFile'], entry.file);
  // A bare command name is looked up in PATH, as kubectl does; only a path is relative to the file.
  if (!resolved.exec?.command.includes('/')) return resolved;
  return { ...resolved, exec: absolute(resolved.exec, ['command'], entry.file) };
}

export function readContextEntry(name: string, entry: RawEntry): ContextEntry {
  return check(contextSchema, `context "${name}"`, entry);
}

function check<T>(schema: z.ZodType<T>, what: string, entry: RawEntry): T {
  const parsed = schema.safeParse(entry.body);
  if (parsed.success) return parsed.data;
  throw invalid(entry.file, entry.file, `${what}: ${describeIssues(parsed.error)}`);
}

function byName(
  file: string,
  key: 'cluster' | 'user' | 'context',
  list: readonly { readonly name: string; readonly [key: string]: unknown }[],
): ReadonlyMap<string, RawEntry> {
  const result = new Map<string, RawEntry>();
  for (const item of list) {
    if (result.has(item.name)) {
      throw invalid(file, file, `${key} "${item.name}" is defined twice`);
    }
    result.set(item.name, { file, body: item[key] });
  }
  return result;
}

function absolute<T extends object>(value: T, keys: readonly (keyof T)[], file: string): T {
  const copy = { ...value };
  for (const key of keys) {
    const path = copy[key];
    if (typeof path !== 'string' || path === '' || isAbsolute(path)) continue;
    Object.assign(copy, { [key]: join(dirname(file), path) });
  }
  return copy;
}

function describeIssues(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}

function invalid(file: string, subject: string, reason: string, cause?: unknown): DsdeployError {
  return new DsdeployError('KUBECONFIG_INVALID', `Cannot read the kubeconfig: ${reason}`, {
    subject,
    hint: `Correct ${file}, or name another file with --kubeconfig.`,
    cause,
  });
}
