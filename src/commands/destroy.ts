import { defineCommand } from './define-command.ts';
import { clusterOptions, resultOptions, specOptions, yesOption } from './options/options.ts';

export const destroyCommand = defineCommand({
  command: 'destroy',
  describe: 'Delete what apply made, and nothing else',
  options: {
    ...specOptions,
    ...clusterOptions,
    ...yesOption,
    'include-volumes': {
      type: 'boolean',
      describe: 'Delete volume claims too, with the data in them',
    },
    ...resultOptions,
  },
  examples: [
    ['$0 destroy', 'Show what would go, ask, delete, wait'],
    ['$0 destroy --yes', 'Do not ask'],
  ],
  epilogue: 'Objects that are not recorded as made by apply are left alone. Exit code 5: declined.',
  run: async (args, context) => {
    const { runDestroy } = await import('./run/destroy.ts');
    return runDestroy(args, context);
  },
});
