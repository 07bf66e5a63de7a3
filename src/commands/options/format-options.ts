import { type RenderFormat, renderFormats } from '../../actions/render/formats/render-format.ts';
import { nonEmpty } from './options.ts';

function text(name: string, describe: string) {
  return { type: 'string', requiresArg: true, coerce: nonEmpty(name), describe } as const;
}

/** What `render` writes files for, and where these will lie. */
export const formatOptions = {
  format: {
    choices: renderFormats,
    default: 'yaml' as RenderFormat,
    requiresArg: true,
    describe: 'Plain objects, or files for another tool',
  },
  'repo-url': text('repo-url', 'With argocd: Git repository the files go to'),
  'repo-path': text('repo-path', 'With argocd, flux: folder of the objects in the repository'),
  revision: text('revision', 'With argocd: branch, tag or commit'),
  source: text('source', 'With flux: name of the GitRepository'),
} as const;
