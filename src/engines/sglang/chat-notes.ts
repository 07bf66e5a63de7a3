import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';
import { modelNotes } from '../thinking.ts';
import { thinksWithoutFlag } from './chat.ts';

/** What callers of the API must know. */
export function chatNotes(request: EngineRequest): Note[] {
  return [
    ...samplingFromFile(request),
    ...oneNameListed(request),
    ...thinkingUnparsed(request),
    ...modelNotes(request),
  ];
}

/**
 * The flag for preferred sampling changes nothing here: chat requests always bring a temperature by
 * the time it is looked at.
 *
 * @source openai/protocol.py, to_sampling_params; tokenizer_manager.py
 */
function samplingFromFile({ api, model }: EngineRequest): Note[] {
  const { temperature, topP } = api.sampling;
  const same = temperature === model.sampling.temperature && topP === model.sampling.topP;
  return [
    {
      code: 'SGLANG_SAMPLING_FROM_FILE',
      level: same ? 'info' : 'warning',
      message: `SGLang reads the default temperature and top_p from generation_config.json beside the weights and has no flag for them: ${
        same ? 'it must say' : 'for api.sampling to hold, it must say'
      } temperature ${temperature}, top_p ${topP}`,
    },
  ];
}

function oneNameListed({ api }: EngineRequest): Note[] {
  const [first, ...others] = api.servedModelNames;
  if (first === undefined || others.length === 0) return [];
  return [
    {
      code: 'SGLANG_ONE_NAME_LISTED',
      level: 'info',
      message: `SGLang lists one model name, ${first}; it answers requests for ${others.join(', ')} too, because it does not check the name`,
    },
  ];
}

/** The parser separates thoughts only where the request itself asked for them. */
function thinkingUnparsed(request: EngineRequest): Note[] {
  const { release, model } = request;
  if (!thinksWithoutFlag(request)) return [];
  return [
    {
      code: 'SGLANG_THINKING_UNPARSED',
      level: 'warning',
      message: `SGLang ${release.version} makes ${model.id} think by default but separates reasoning_content only for requests with chat_template_kwargs: {"thinking": true}; others get their thoughts inside content`,
    },
  ];
}
