import type { ExtrasQuestion } from '../../engine.ts';
import { checkExtraArgs, type OwnedFlags } from '../../extra-args.ts';
import type { Reason } from '../../reason.ts';
import { checkBackend } from '../all-to-all.ts';
import { ownedFlags } from '../owned-flags.ts';
import { checkContextFlags } from './context-rules.ts';
import { checkVllmVariables } from './environment-rules.ts';
import { checkFeatures } from './feature-rules.ts';
import { checkLoadBalancing } from './load-balancing-rules.ts';
import { checkParsers } from './parser-rules.ts';
import { checkRequestTimeout } from './request-rules.ts';

/** Rules of vLLM that hold whatever the layout. */
export function checkVllmExtras(question: ExtrasQuestion): Reason[] {
  return [
    ...checkVllmArguments(question),
    ...checkLoadBalancing(question),
    ...checkBackend(question),
  ];
}

/** Rules the user's `extraArgs` and `extraEnv` break, with vLLM and its plug-ins. */
export function checkVllmArguments(
  question: ExtrasQuestion,
  owned: OwnedFlags = ownedFlags,
): Reason[] {
  const { group, release } = question;
  return [
    ...checkExtraArgs(group.extraArgs, release, owned),
    ...checkParsers(question),
    ...checkVllmVariables(question),
    ...checkFeatures(question),
    ...checkContextFlags(question),
    ...checkRequestTimeout(question),
  ];
}
