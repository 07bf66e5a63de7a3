import { defineCommand } from './define-command.ts';
import { nonEmpty, resultOptions, specOptions } from './options.ts';

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
      describe: 'Write one file per object here instead',
    },
  },
  examples: [
    ['$0 render | less', 'Read what apply would send'],
    ['$0 render -d manifests', 'Write files, for GitOps'],
  ],
  run: async (args, context) => {
    const { runRender } = await import('./run-render.ts');
    return runRender(args, context);
  },
});
