import { defineCommand } from './define-command.ts';
import {
  adoptOption,
  clusterOptions,
  forgetReleaseOption,
  preflightOption,
  resultOptions,
  specOptions,
  takeOption,
  waitTimeoutOption,
  yesOption,
} from './options/options.ts';

export const applyCommand = defineCommand({
  command: 'apply [plan-file]',
  describe: 'Make the cluster equal to the spec and wait until it serves',
  positionals: ['plan-file'],
  options: {
    'plan-file': {
      type: 'string',
      describe: 'Plan of plan --out: do exactly that; the spec is not read',
    },
    ...specOptions,
    ...clusterOptions,
    ...yesOption,
    ...preflightOption,
    ...takeOption,
    ...adoptOption,
    ...forgetReleaseOption,
    'wait-timeout': waitTimeoutOption,
    'no-wait': { type: 'boolean', describe: 'End after the last object is applied' },
    ...resultOptions,
  },
  examples: [
    ['$0 apply', 'Show the plan, ask, apply, wait'],
    ['$0 apply plan.json', 'Apply exactly a saved plan, or stop before the first write'],
    ['$0 apply --yes --wait-timeout 2h', 'In a pipeline, with slow storage'],
    ['$0 apply --yes --no-wait -o json', 'Apply only, and print what was done'],
  ],
  epilogue: `Steps, in order:
  1. read the spec, lay it out, check that it fits
  2. plan against the cluster and check rights, quotas, nodes and references; show, ask
  3. apply the objects in order, the record of them first
  4. delete what the deployment does not need any more
  5. record a revision for history and rollback
  6. wait for the pods, then ask every leader a question

Ctrl-C finishes the request in flight; the next apply goes on from there.
Exit codes: 0 healthy, 3 not healthy in time, 4 spec invalid or no layout fits, 5 declined or the plan is stale.`,
  run: async (args, context) => {
    const { runApply } = await import('./run/apply.ts');
    return runApply(args, context);
  },
});
