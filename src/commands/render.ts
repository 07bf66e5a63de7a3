import { defineCommand } from './define-command.ts';
import { formatOptions } from './options/format-options.ts';
import { nonEmpty, resultOptions, specOptions } from './options/options.ts';

export const renderCommand = defineCommand({
  command: 'render',
  describe: 'Print the Kubernetes objects as YAML; needs no cluster',
  options: {
    ...specOptions,
    ...resultOptions,
    directory: {
      alias: 'd',
      type: 'string',
      requiresArg: true,
      coerce: nonEmpty('directory'),
      describe: 'Write files here instead, one per object',
    },
    ...formatOptions,
  },
  examples: [
    ['$0 render | less', 'Read what apply would send'],
    ['$0 render -d manifests', 'Write files'],
    ['$0 render --format kustomize -d base', 'A Kustomize base'],
    ['$0 render --format helm -d chart', 'A Helm chart'],
    ['$0 render --format flux -d flux --repo-path flux/manifests --source racks', 'For Flux'],
  ],
  epilogue: `Files that an earlier render of the deployment left in the folder, and that have no object any more, are removed.
With argocd and flux the objects lie in manifests/ beside the object that points at them; commit the folder and give its path in the repository. What such a tool applies, dsdeploy does not own: plan would refuse it.`,
  run: async (args, context) => {
    const { runRender } = await import('./run/render.ts');
    return runRender(args, context);
  },
});
