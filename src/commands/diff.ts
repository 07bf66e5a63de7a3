import { defineCommand } from './define-command.ts';
import { clusterOptions, resultOptions } from './options/options.ts';
import { deploymentOptions } from './run/deployment-source.ts';

export const diffCommand = defineCommand({
  command: 'diff',
  describe: 'Show how the cluster has drifted from what was applied last, and by whom',
  options: { ...deploymentOptions, ...clusterOptions, ...resultOptions },
  examples: [
    ['$0 diff', 'Compare the deployment with its last revision'],
    ['$0 diff --name deepseek -n deepseek', 'Without a spec at hand'],
    ['$0 diff -o json | jq .summary', 'Count what differs'],
  ],
  epilogue: `Compares with the last revision and not with dsdeploy.yaml; plan compares with that. Writes nothing.
Fields that others set beside those of apply are listed and do not count as drift: apply leaves them alone.
Exit codes: 0 no drift, 2 something differs, is missing, or could not be compared.`,
  run: async (args, context) => {
    const { runDiff } = await import('./run/diff.ts');
    return runDiff(args, context);
  },
});
