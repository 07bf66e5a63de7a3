import { checkArguments, parseFlags } from '../argument-check.ts';
import type { ExtrasQuestion } from '../engine.ts';
import type { Reason } from '../reason.ts';
import { checkBackend } from './all-to-all.ts';
import { checkVllmVariables } from './environment-rules.ts';
import { checkFeatures } from './feature-rules.ts';
import { checkLoadBalancing } from './load-balancing-rules.ts';
import { ownedFlags } from './owned-flags.ts';

/** Rules of vLLM that hold whatever the layout. */
export function checkVllmExtras(question: ExtrasQuestion): Reason[] {
  return [
    ...checkVllmArguments(question),
    ...checkLoadBalancing(question),
    ...checkBackend(question),
  ];
}

/** Rules the user's `extraArgs` and `extraEnv` break, with vLLM and its plug-ins. */
export function checkVllmArguments(question: ExtrasQuestion): Reason[] {
  const { group, release } = question;
  return [
    ...checkArguments(group.extraArgs, release),
    ...group.extraArgs.filter((arg, index) => index === 0 && !arg.startsWith('-')).map(positional),
    ...parseFlags(group.extraArgs).flatMap(({ flag }) => ownedFlag(flag)),
    ...checkVllmVariables(question),
    ...checkFeatures(question),
  ];
}

function positional(arg: string): Reason {
  return {
    code: 'ENGINE_ARGUMENT_POSITIONAL',
    message: `extraArgs starts with "${arg}", which is not a flag`,
    hint: 'Start with a flag, for example `--seed`.',
    source: 'vllm serve takes the model as its only positional argument',
  };
}

function ownedFlag(flag: string): Reason[] {
  const owner = ownedFlags[flag.split('.')[0] ?? flag];
  if (owner === undefined) return [];
  return [
    {
      code: 'ENGINE_ARGUMENT_OWNED',
      message: `extraArgs repeats ${flag}, which dsdeploy writes itself`,
      hint: `Remove it; it is set by ${owner}.`,
      source: 'a second value would make pods of one group disagree',
    },
  ];
}
