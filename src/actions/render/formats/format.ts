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
  switch (format) {
    case 'yaml':
      return manifestFiles(manifests);
    case 'kustomize':
      return kustomizeFiles(manifests);
    case 'helm':
      return helmFiles(deployment, manifests);
    case 'argocd': {
      assertGiven(format, gitOps, ['repo-url', 'repo-path', 'revision']);
      const { 'repo-url': repoUrl = '', 'repo-path': path = '', revision = '' } = gitOps;
      return argoCdFiles(deployment, manifests, { repoUrl, path, revision });
    }
    case 'flux': {
      assertGiven(format, gitOps, ['repo-path', 'source']);
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

/** Refuses what would have to be made up, all of it at once. */
function assertGiven(
  format: RenderFormat,
  given: GitOpsSource,
  keys: readonly (keyof GitOpsSource)[],
): void {
  const missing = keys.filter((key) => given[key] === undefined);
  if (missing.length === 0) return;
  const names = missing.map((key) => `--${key}`).join(', ');
  throw new DsdeployError('USAGE', `Cannot render for ${format} without ${names}`, {
    subject: `--${missing[0] ?? ''}`,
    hint: `It cannot be guessed: add ${missing.map((key) => hints[key]).join('; ')}.`,
  });
}
