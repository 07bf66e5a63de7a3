import { defineCommand } from './define-command.ts';
import { nonEmpty, resultOptions, specOptions } from './options/options.ts';

export const calibrateCommand = defineCommand({
  command: 'calibrate',
  describe: "Learn from your site's own logs or benchmark, for fit and estimate",
  options: {
    ...specOptions,
    ...resultOptions,
    'from-logs': {
      type: 'string',
      requiresArg: true,
      coerce: nonEmpty('from-logs'),
      describe: 'Folder with the start-up log of each pod of a group',
    },
    'from-bench': {
      type: 'string',
      requiresArg: true,
      coerce: nonEmpty('from-bench'),
      describe: 'Result file of vllm bench serve or SGLang bench_serving',
    },
    group: {
      type: 'string',
      requiresArg: true,
      coerce: nonEmpty('group'),
      describe: 'Group that was started  [default: the only one]',
    },
    profile: {
      type: 'string',
      default: 'site-profile.json',
      requiresArg: true,
      coerce: nonEmpty('profile'),
      describe: 'Profile to write; what it holds of other starts stays',
    },
  },
  examples: [
    ['$0 calibrate --from-logs logs', 'Take over what the start-up logs say about memory'],
    ['$0 calibrate --from-bench bench.json --profile lab.json', 'Fit the speed of your devices'],
  ],
  epilogue: 'The spec must be the one that was started when the logs or the benchmark were made.',
  run: async (args, context) => {
    const { runCalibrate } = await import('./run/calibrate.ts');
    return runCalibrate(args, context);
  },
});
