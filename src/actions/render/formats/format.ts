import { DsdeployError } from '../../../errors/index.ts';
import type { Manifest } from '../../../manifest/index.ts';
import type { DeploymentId } from '../../../plan/index.ts';
import { argoCdFiles } from './argocd.ts';
import { fluxFiles } from './flux.ts';
import { helmFiles } from './helm.ts';
import { kustomizeFiles } from './kustomize.ts';
import { type FileText, manifestFiles } from './manifest-files.ts';
import type { RenderFormat } from './render-format.ts';

/** Where a GitOps tool will find the files; nothing of it can be guessed. */
export interface GitOpsSource {
  readonly 'repo-url'?: string | undefined;
  readonly 'repo-path'?: string | undefined;
  readonly revision?: string | undefined;
  readonly source?: string | undefined;
}

export interface FormatRequest {
  readonly deployment: DeploymentId;
  readonly manifests: readonly Manifest[];
  readonly gitOps: GitOpsSource;
}

/** Lays objects out as the files of a format, paths relative to the folder they go into. Pure. */
export function formatFiles(format: RenderFormat, request: FormatRequest): FileText[] {
  const { deployment, manifests, gitOps } = request;
  assertUsed(format, gitOps);
  switch (format) {
    case 'yaml':
      return manifestFiles(manifests);
    case 'kustomize':
      return kustomizeFiles(manifests);
    case 'helm':
      return helmFiles(deployment, manifests);
    case 'argocd': {
      assertGiven(format, gitOps);
      const { 'repo-url': repoUrl = '', 'repo-path': path = '', revision = '' } = gitOps;
      return argoCdFiles(deployment, manifests, { repoUrl, path, revision });
    }
    case 'flux': {
      assertGiven(format, gitOps);
      const { 'repo-path': path = '', source = '' } = gitOps;
      return fluxFiles(deployment, manifests, { path, source });
    }
  }
}

const hints: Readonly<Record<keyof GitOpsSource, string>> = {
  'repo-url': '--repo-url URL, the repository the files are committed to',
  'repo-path': '--repo-path PATH, the folder of the objects in it',
  revision: '--revision BRANCH, a branch, tag or commit of it',
  source: '--source NAME, the GitRepository object in flux-system',
};

/** What each format is told, all of it. */
const keysOf: Readonly<Record<RenderFormat, readonly (keyof GitOpsSource)[]>> = {
  yaml: [],
  kustomize: [],
  helm: [],
  argocd: ['repo-url', 'repo-path', 'revision'],
  flux: ['repo-path', 'source'],
};

/** Refuses what the format has no place for: it would be lost without a word. */
function assertUsed(format: RenderFormat, given: GitOpsSource): void {
  const keys = Object.keys(hints) as (keyof GitOpsSource)[];
  const idle = keys.find((key) => given[key] !== undefined && !keysOf[format].includes(key));
  if (idle === undefined) return;
  const formats = Object.entries(keysOf).flatMap(([name, used]) =>
    used.includes(idle) ? name : [],
  );
  throw new DsdeployError('USAGE', `Cannot use --${idle} with --format ${format}`, {
    subject: `--${idle}`,
    hint: `Leave it out, or add ${formats.map((name) => `--format ${name}`).join(' or ')}.`,
  });
}

/** Refuses what would have to be made up, all of it at once. */
function assertGiven(format: RenderFormat, given: GitOpsSource): void {
  const missing = keysOf[format].filter((key) => given[key] === undefined);
  if (missing.length === 0) return;
  const names = missing.map((key) => `--${key}`).join(', ');
  throw new DsdeployError('USAGE', `Cannot render for ${format} without ${names}`, {
    subject: `--${missing[0] ?? ''}`,
    hint: `It cannot be guessed: add ${missing.map((key) => hints[key]).join('; ')}.`,
  });
}
