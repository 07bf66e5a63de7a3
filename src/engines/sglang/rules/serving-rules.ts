import { modelAbilities } from '../../../catalog/index.ts';
import { valueOfFlag } from '../../argument-check.ts';
import type { GroupQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { hasChatDefaults, usesOwnEncoder } from '../chat.ts';
import { requestLimitIsShared } from './request-rules.ts';

type Rule = (question: GroupQuestion) => Reason | undefined;

/** What follows a colon in a request's model name is taken for an adapter. */
function namesHaveNoColon({ api }: GroupQuestion): Reason | undefined {
  const name = api.servedModelNames.find((candidate) => candidate.includes(':'));
  if (name === undefined) return undefined;
  return {
    code: 'SGLANG_NAME_COLON',
    message: `SGLang cannot serve the name "${name}": it reads what follows the colon as an adapter`,
    hint: 'Use a name without a colon in api.servedModelNames.',
    source: 'SGLang arg_groups/validation_hook.py; openai/serving_base.py',
  };
}

function oneServerBalances({ group }: GroupQuestion): Reason | undefined {
  if (group.loadBalancing === 'internal') return undefined;
  return {
    code: 'SGLANG_LOAD_BALANCING',
    message: `loadBalancing: ${group.loadBalancing} is a mode of vLLM: SGLang has one server per group`,
    hint: 'Use loadBalancing: internal.',
    source: 'SGLang http_server.py: other nodes serve no API',
  };
}

/** Half of a pair: it waits for a partner that no group of this deployment is. */
function groupAnswersAlone({ group }: GroupQuestion): Reason | undefined {
  const mode = valueOfFlag(group.extraArgs, ['--disaggregation-mode']);
  if (mode !== 'prefill' && mode !== 'decode') return undefined;
  return {
    code: 'SGLANG_DISAGGREGATED',
    message: `--disaggregation-mode ${mode} makes the group half of a pair, which answers no request by itself, and dsdeploy starts neither the other half nor the router between them`,
    hint: 'Remove --disaggregation-mode, so that each group prefills and decodes.',
    source:
      'SGLang disaggregation/prefill.py and decode.py: requests wait for their bootstrap room',
  };
}

/** Releases without chat defaults know the default only for prompts of their own encoder. */
function thinkingCanBeDefault({ api, model, release }: GroupQuestion): Reason | undefined {
  if (!api.thinking || modelAbilities(model).thinking !== 'switch') return undefined;
  if (hasChatDefaults(release) || usesOwnEncoder(model)) return undefined;
  return {
    code: 'SGLANG_THINKING_DEFAULT',
    message: `SGLang ${release.version} cannot make ${model.id} think by default`,
    hint: 'Use a newer release, or api.thinking: false and chat_template_kwargs in each request.',
    source: 'argument schema: --default-chat-template-kwargs; openai/serving_chat.py',
  };
}

const rules: readonly Rule[] = [
  namesHaveNoColon,
  oneServerBalances,
  groupAnswersAlone,
  thinkingCanBeDefault,
  requestLimitIsShared,
];

/** Rules on what clients see. */
export function checkServing(question: GroupQuestion): Reason[] {
  return rules.flatMap((rule) => rule(question) ?? []);
}
