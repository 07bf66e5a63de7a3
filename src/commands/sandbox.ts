import type { Argv } from 'yargs';

import type { Command } from './define-command.ts';
import { defineCommand } from './define-command.ts';
import { nonEmpty, resultOptions } from './options/options.ts';

const sandboxOptions = {
  name: {
    type: 'string',
    default: 'default',
    requiresArg: true,
    coerce: nonEmpty('name'),
    describe: 'Which sandbox, when several run',
  },
  directory: {
    alias: 'd',
    type: 'string',
    requiresArg: true,
    coerce: nonEmpty('directory'),
    describe: 'Folder for all it writes  [default: by name, in ~/.local/state]',
  },
  ...resultOptions,
} as const;

const upCommand = defineCommand({
  command: 'up',
  describe: 'Start a sandbox, or tell where the running one is',
  options: {
    ...sandboxOptions,
    nodes: {
      type: 'string',
      default: 'h200=2',
      requiresArg: true,
      coerce: nonEmpty('nodes'),
      describe: 'Nodes by kind: h200, mi355x, ascend-a2, ascend-a3',
    },
  },
  examples: [
    ['$0 sandbox up', 'Two nodes of 8xH200'],
    ['$0 sandbox up --name mixed --nodes h200=2,mi355x=1', 'A second one, with other nodes'],
  ],
  epilogue:
    'The first start builds the control plane with Go, which takes about ten minutes on two cores.',
  run: async (args, context) => {
    const { runSandboxUp } = await import('./run/sandbox.ts');
    return runSandboxUp(args, context);
  },
});

const downCommand = defineCommand({
  command: 'down',
  describe: 'Stop a sandbox and remove every file of it',
  options: sandboxOptions,
  examples: [['$0 sandbox down', 'Stop the default sandbox']],
  run: async (args, context) => {
    const { runSandboxDown } = await import('./run/sandbox.ts');
    return runSandboxDown(args, context);
  },
});

const statusCommand = defineCommand({
  command: 'status',
  describe: 'Show whether a sandbox runs, and its kubeconfig',
  options: sandboxOptions,
  examples: [['$0 sandbox status', 'State of the default sandbox']],
  epilogue: 'Exit codes: 0 running, 3 anything else.',
  run: async (args, context) => {
    const { runSandboxStatus } = await import('./run/sandbox.ts');
    return runSandboxStatus(args, context);
  },
});

const parts = [upCommand, downCommand, statusCommand];

export const sandboxCommand: Command = {
  name: 'sandbox',
  optionNames: parts.flatMap(({ optionNames }) => optionNames),
  examples: parts.flatMap(({ examples }) => examples),
  requiredWords: [],
  module: (context, listener) => ({
    command: 'sandbox',
    describe: 'A real control plane on this machine with simulated GPU nodes, for trying',
    builder: (yargs: Argv) => {
      for (const part of parts) yargs.command(part.module(context, listener));
      return yargs.demandCommand(1, 'Name what to do with the sandbox: up, down or status');
    },
    // Never reached: `demandCommand` refuses the bare command.
    handler: () => undefined,
  }),
};
