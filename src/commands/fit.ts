import { defineCommand } from './define-command.ts';
import { profileOption, resultOptions, specOptions } from './options/options.ts';

export const fitCommand = defineCommand({
  command: 'fit',
  describe: 'Show the layout and prove that its memory fits; needs no cluster',
  options: {
    ...specOptions,
    ...profileOption,
    ...resultOptions,
    explain: { type: 'boolean', describe: 'Say where every number comes from' },
  },
  examples: [
    ['$0 fit', 'Does dsdeploy.yaml fit its pools?'],
    ['$0 fit --explain', 'The same with the source of every number'],
    ['$0 fit -o json | jq .fits', 'The verdict alone'],
  ],
  epilogue: 'Exit codes: 0 fits, 4 spec invalid or no layout fits.',
  run: async (args, context) => {
    const { runFit } = await import('./run/fit.ts');
    return runFit(args, context);
  },
});
