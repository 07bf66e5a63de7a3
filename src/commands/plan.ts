import { defineCommand } from './define-command.ts';
import { clusterOptions, resultOptions, specOptions } from './options.ts';

export const planCommand = defineCommand({
  command: 'plan',
  describe: 'Show what runs where, whether it fits, and what apply would change',
  options: {
    ...specOptions,
    ...clusterOptions,
    ...resultOptions,
    offline: {
      type: 'boolean',
      describe: 'Contact no cluster; every object counts as new, exit 0',
    },
  },
  examples: [
    ['$0 plan', 'Plan dsdeploy.yaml against the current context'],
    ['$0 plan --offline -f new.yaml', 'Check a spec without a cluster'],
    ['$0 plan -o json | jq .summary', 'Count the changes'],
  ],
  epilogue:
    'Exit codes: 0 no changes (or --offline), 2 changes are present, 4 spec invalid or no layout fits.',
  run: async (args, context) => {
    const { runPlan } = await import('./run-plan.ts');
    return runPlan(args, context);
  },
});
