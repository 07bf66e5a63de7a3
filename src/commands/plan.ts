import { defineCommand } from './define-command.ts';
import {
  adoptOption,
  clusterOptions,
  forgetReleaseOption,
  nonEmpty,
  preflightOption,
  resultOptions,
  specOptions,
  takeOption,
} from './options/options.ts';
import { subjectOption } from './options/subject-option.ts';

export const planCommand = defineCommand({
  command: 'plan',
  describe: 'Show what runs where, whether it fits, and what apply would change',
  options: {
    ...specOptions,
    ...clusterOptions,
    ...resultOptions,
    ...preflightOption,
    ...takeOption,
    ...adoptOption,
    ...forgetReleaseOption,
    rbac: {
      type: 'boolean',
      describe: 'Print the least roles that plan, apply, health and destroy need; asks no cluster',
    },
    subject: subjectOption,
    offline: {
      type: 'boolean',
      describe: 'Contact no cluster; every object counts as new, exit 0',
    },
    out: {
      type: 'string',
      requiresArg: true,
      coerce: nonEmpty('out'),
      describe: 'Save the plan to a file, for apply FILE',
    },
  },
  examples: [
    ['$0 plan', 'Plan dsdeploy.yaml against the current context'],
    ['$0 plan --offline -f new.yaml', 'Check a spec without a cluster'],
    ['$0 plan --out plan.json', 'Save the plan, to look at it and apply exactly that'],
    ['$0 plan -o json | jq .summary', 'Count the changes'],
    ['$0 plan --rbac --subject user:ann', 'Roles for an administrator to apply'],
  ],
  epilogue: `Findings of preflight are part of the plan and do not change its exit code; apply stops at those that are errors.
Exit codes: 0 no changes (or --offline, --rbac), 2 changes are present, 4 spec invalid or no layout fits.`,
  run: async (args, context) => {
    const { runPlan } = await import('./run/plan.ts');
    return runPlan(args, context);
  },
});
