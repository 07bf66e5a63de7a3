import { parseFlags } from '../../argument-check.ts';
import type { ExtrasQuestion } from '../../engine.ts';
import { checkExtraArgs } from '../../extra-args.ts';
import type { Reason } from '../../reason.ts';
import { hasFlag, renamedFlags } from '../flags.ts';
import { ownedFlags } from '../owned-flags.ts';
import { checkVariables } from './environment-rules.ts';
import { checkSglangGroup } from './group-rules.ts';

/** Flags that are gone, with what took their place in the spec. */
const removedFlags: Readonly<Record<string, string>> = {
  '--enable-ep-moe': 'groups[].parallelism.expert: true',
  '--enable-deepep-moe': 'groups[].allToAll: deepep',
  '--moe-a2a': 'groups[].allToAll',
  '--enable-flashinfer-mla': '--attention-backend=flashinfer',
  '--prefill-round-robin-balance': 'nothing: it was removed',
};

/** Rules of the user's `extraArgs` and `extraEnv`, and those that hold whatever the layout. */
export function checkSglangExtras(question: ExtrasQuestion): Reason[] {
  const { group, release } = question;
  return [
    ...checkSglangGroup(question),
    ...checkExtraArgs(group.extraArgs, release, ownedFlags).map((reason) =>
      withSuccessor(reason, question),
    ),
    ...checkVariables(question),
  ];
}

/** Names the successor, or the name this release has, in place of the nearest spelling. */
function withSuccessor(reason: Reason, { group, release }: ExtrasQuestion): Reason {
  if (reason.code !== 'ENGINE_ARGUMENT_UNKNOWN') return reason;
  const flag = parseFlags(group.extraArgs)
    .map((given) => given.flag)
    .find((name) => reason.message.includes(`${name} `));
  const successor = flag === undefined ? undefined : successorOf(flag, release);
  return successor === undefined ? reason : { ...reason, hint: `Use ${successor}.` };
}

function successorOf(flag: string, release: ExtrasQuestion['release']): string | undefined {
  const names = Object.values(renamedFlags).find((spellings) =>
    spellings.some((spelling) => spelling === flag),
  );
  return names?.find((name) => hasFlag(release, name)) ?? removedFlags[flag];
}
