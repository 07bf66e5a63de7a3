import type { EngineReleaseRow, ModelRow } from '../../catalog/index.ts';
import type { EngineRequest } from '../engine.ts';
import { type ModelFamily, modelFamily } from '../model-family.ts';
import { hasFlag } from './flags.ts';

/** How SGLang reads and writes the chats of a model family. */
export interface ChatFormat {
  /** Absent for models that do not call tools. */
  readonly toolParser?: string;
  readonly reasoningParser?: string;
  /** File in the image, for models whose own template lacks what the tool parser reads. */
  readonly template?: string;
  /** Whether a request can turn thinking on and off. */
  readonly thinking: 'switch' | 'always' | 'never';
}

/**
 * Where SGLang's images keep its repository.
 *
 * @source sgl-project/sglang docker/Dockerfile: WORKDIR /sgl-workspace/sglang
 */
const templates = '/sgl-workspace/sglang/examples/chat_template';

/**
 * Spelled differently from vLLM's names of the same parsers, so the two tables share nothing. The
 * tool parser of V3.2 also selects SGLang's own encoder, which the model needs: it ships no template.
 *
 * @source SGLang cookbook, DeepSeek pages; openai/chat_encoding.py; choices of both parser flags
 */
const formats: Readonly<Record<ModelFamily, ChatFormat>> = {
  'deepseek-v3.2': {
    toolParser: 'deepseekv32',
    reasoningParser: 'deepseek-v3',
    thinking: 'switch',
  },
  'deepseek-v3.2-exp': {
    toolParser: 'deepseekv31',
    reasoningParser: 'deepseek-v3',
    template: `${templates}/tool_chat_template_deepseekv32.jinja`,
    thinking: 'switch',
  },
  'deepseek-v3.2-speciale': { reasoningParser: 'deepseek-v3', thinking: 'always' },
  'deepseek-v3.1': {
    toolParser: 'deepseekv31',
    reasoningParser: 'deepseek-v3',
    template: `${templates}/tool_chat_template_deepseekv31.jinja`,
    thinking: 'switch',
  },
  'deepseek-v3': {
    toolParser: 'deepseekv3',
    template: `${templates}/tool_chat_template_deepseekv3.jinja`,
    thinking: 'never',
  },
  'deepseek-r1': {
    toolParser: 'deepseekv3',
    reasoningParser: 'deepseek-r1',
    template: `${templates}/tool_chat_template_deepseekr1.jinja`,
    thinking: 'never',
  },
  'kimi-k2': { toolParser: 'kimi_k2', thinking: 'never' },
  other: { thinking: 'never' },
};

/** Server-wide defaults of a chat, in releases that have them. */
const chatDefaultsFlag = '--default-chat-template-kwargs';

export function chatFormat(model: Pick<ModelRow, 'id'>): ChatFormat {
  return formats[modelFamily(model)];
}

/** Whether SGLang's own encoder writes the prompts, as for models without a template. */
export function usesOwnEncoder(model: Pick<ModelRow, 'id'>): boolean {
  const family = modelFamily(model);
  return family === 'deepseek-v3.2' || family === 'deepseek-v3.2-speciale';
}

/** Whether the release can say what requests mean that do not mention thinking. */
export function hasChatDefaults(release: Pick<EngineReleaseRow, 'arguments'>): boolean {
  return hasFlag(release, chatDefaultsFlag);
}

/** Whether requests that do not mention thinking think. */
export function thinksByDefault({ model, api }: Pick<EngineRequest, 'model' | 'api'>): boolean {
  const { thinking } = chatFormat(model);
  return thinking === 'always' || (thinking === 'switch' && api.thinking);
}

/** Arguments of chat format, thinking and tool calls of the request's model. */
export function chatArguments(request: EngineRequest): string[] {
  const { model, release } = request;
  const { toolParser, reasoningParser, template, thinking } = chatFormat(model);
  const defaults = JSON.stringify({ thinking: thinksByDefault(request) });
  return [
    ...(toolParser === undefined ? [] : ['--tool-call-parser', toolParser]),
    ...(reasoningParser === undefined ? [] : ['--reasoning-parser', reasoningParser]),
    ...(template === undefined ? [] : ['--chat-template', template]),
    ...(thinking !== 'never' && hasChatDefaults(release) ? [chatDefaultsFlag, defaults] : []),
  ];
}

/**
 * Older releases know the default only as a variable, and only for prompts they encode themselves.
 *
 * @source openai/serving_chat.py of 0.5.12
 */
export function chatVariables(request: EngineRequest): Record<string, string> {
  if (hasChatDefaults(request.release) || !thinksByDefault(request)) return {};
  return { SGLANG_DEFAULT_THINKING: 'true' };
}
