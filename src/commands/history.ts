import { defineCommand } from './define-command.ts';
import { clusterOptions, resultOptions } from './options/options.ts';
import { deploymentOptions } from './run/deployment-source.ts';

export const historyCommand = defineCommand({
  command: 'history [revision]',
  describe: 'List what was applied before, or show one revision',
  positionals: ['revision'],
  options: {
    revision: { type: 'string', describe: 'Number of a revision, to show it' },
    ...deploymentOptions,
    ...clusterOptions,
    spec: { type: 'boolean', describe: 'Print only the spec of the revision, as YAML' },
    manifests: { type: 'boolean', describe: 'Print only its objects, as YAML' },
    ...resultOptions,
  },
  examples: [
    ['$0 history', 'List the revisions'],
    ['$0 history 3', 'Show revision 3 and what going back to it would change'],
    ['$0 history 3 --spec > dsdeploy.yaml', 'Take its spec'],
    ['$0 history --name deepseek -n deepseek', 'Without a spec at hand'],
  ],
  epilogue: `Every apply that changed spec or objects is a revision, kept in the namespace of the deployment; the last ten are kept. Nothing secret is in them.`,
  run: async (args, context) => {
    const { runHistory } = await import('./run/history.ts');
    return runHistory(args, context);
  },
});
