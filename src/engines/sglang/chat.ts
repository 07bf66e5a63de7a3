import {
  type EngineReleaseRow,
  type ModelAbilities,
  type ModelFamily,
  type ModelRow,
  modelAbilities,
} from '../../catalog/index.ts';
import type { EngineRequest } from '../engine.ts';
import { thinksByDefault } from '../thinking.ts';
import { hasFlag } from './flags.ts';

/** How SGLang reads and writes the chats of a model family. */
export interface ChatFormat {
  /** Absent for models that do not call tools. */
  readonly toolParser?: string;
  readonly reasoningParser?: string;
  /** File in the image, for models whose own template lacks what the tool parser reads. */
  readonly template?: string;
  /** Set for formats that read `thinking` among the template's arguments. */
  readonly readsThinking?: true;
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
    readsThinking: true,
  },
  'deepseek-v3.2-exp': {
    toolParser: 'deepseekv31',
    reasoningParser: 'deepseek-v3',
    template: `${templates}/tool_chat_template_deepseekv32.jinja`,
    readsThinking: true,
  },
  'deepseek-v3.2-speciale': { reasoningParser: 'deepseek-v3', readsThinking: true },
  'deepseek-v3.1': {
    toolParser: 'deepseekv31',
    reasoningParser: 'deepseek-v3',
    template: `${templates}/tool_chat_template_deepseekv31.jinja`,
    readsThinking: true,
  },
  'deepseek-v3': {
    toolParser: 'deepseekv3',
    template: `${templates}/tool_chat_template_deepseekv3.jinja`,
  },
  'deepseek-r1': {
    toolParser: 'deepseekv3',
    reasoningParser: 'deepseek-r1',
    template: `${templates}/tool_chat_template_deepseekr1.jinja`,
  },
  'kimi-k2': { toolParser: 'kimi_k2' },
  other: {},
};

/** Server-wide defaults of a chat, in releases that have them. */
const chatDefaultsFlag = '--default-chat-template-kwargs';

export function chatFormat({ family }: Pick<ModelRow, 'family'>): ChatFormat {
  return formats[family];
}

/** What the API of a model can do behind SGLang: nothing that no parser reads. */
export function sglangAbilities(model: ModelRow): ModelAbilities {
  const abilities = modelAbilities(model);
  const { toolParser } = chatFormat(model);
  return { ...abilities, toolCalls: abilities.toolCalls && toolParser !== undefined };
}

/** Whether SGLang's own encoder writes the prompts, as for models without a template. */
export function usesOwnEncoder({ family }: Pick<ModelRow, 'family'>): boolean {
  return family === 'deepseek-v3.2' || family === 'deepseek-v3.2-speciale';
}

/** Whether the release can say what requests mean that do not mention thinking. */
export function hasChatDefaults(release: Pick<EngineReleaseRow, 'arguments'>): boolean {
  return hasFlag(release, chatDefaultsFlag);
}

/** Arguments of chat format, thinking and tool calls of the request's model. */
export function chatArguments(request: EngineRequest): string[] {
  const { model, release } = request;
  const { toolParser, reasoningParser, template, readsThinking } = chatFormat(model);
  const defaults = JSON.stringify({ thinking: thinksByDefault(request) });
  return [
    ...(toolParser === undefined ? [] : ['--tool-call-parser', toolParser]),
    ...(reasoningParser === undefined ? [] : ['--reasoning-parser', reasoningParser]),
    ...(template === undefined ? [] : ['--chat-template', template]),
    ...(readsThinking && hasChatDefaults(release) ? [chatDefaultsFlag, defaults] : []),
  ];
}

/** Whether requests that say nothing think, without the release having a flag for it. */
export function thinksWithoutFlag(request: EngineRequest): boolean {
  const { readsThinking = false } = chatFormat(request.model);
  return readsThinking && thinksByDefault(request) && !hasChatDefaults(request.release);
}

/**
 * Older releases know the default only as a variable, and only for prompts they encode themselves.
 *
 * @source openai/serving_chat.py of 0.5.12
 */
export function chatVariables(request: EngineRequest): Record<string, string> {
  return thinksWithoutFlag(request) ? { SGLANG_DEFAULT_THINKING: 'true' } : {};
}
