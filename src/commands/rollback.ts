import { defineCommand } from './define-command.ts';
import {
  clusterOptions,
  preflightOption,
  resultOptions,
  takeOption,
  waitTimeoutOption,
  yesOption,
} from './options/options.ts';
import { deploymentOptions } from './run/deployment-source.ts';

export const rollbackCommand = defineCommand({
  command: 'rollback [revision]',
  describe: 'Apply an earlier revision again and wait until it serves',
  positionals: ['revision'],
  options: {
    revision: {
      type: 'string',
      describe: 'Number of the revision  [default: the one before the current]',
    },
    ...deploymentOptions,
    ...clusterOptions,
    ...yesOption,
    ...preflightOption,
    ...takeOption,
    'wait-timeout': waitTimeoutOption,
    'no-wait': { type: 'boolean', describe: 'End after the last object is applied' },
    ...resultOptions,
  },
  examples: [
    ['$0 rollback', 'Show the plan to the revision before, ask, apply, wait'],
    ['$0 rollback 3', 'To revision 3'],
    ['$0 rollback --yes --name deepseek -n deepseek', 'Without a spec at hand'],
  ],
  epilogue: `Goes the same way as apply, with the objects exactly as they were applied then, and is itself recorded as a new revision. Run again it goes on and does not undo itself: for that name a revision. Data volumes and Secrets are not rolled back; dsdeploy.yaml is not changed.
Exit codes: as those of apply; 0 as well when nothing had to change.`,
  run: async (args, context) => {
    const { runRollback } = await import('./run/rollback.ts');
    return runRollback(args, context);
  },
});
