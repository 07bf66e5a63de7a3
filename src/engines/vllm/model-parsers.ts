import {
  type ModelAbilities,
  type ModelFamily,
  type ModelRow,
  modelAbilities,
} from '../../catalog/index.ts';
import type { EngineRequest } from '../engine.ts';
import type { Note } from '../reason.ts';
import { modelNotes, thinksByDefault } from '../thinking.ts';

/** How vLLM reads and writes the chat of one family of models. */
interface ChatArguments {
  readonly tokenizerMode?: string;
  readonly reasoningParser?: string;
  readonly toolParser?: string;
  /** File in the image; for models whose own template has no tool calls. */
  readonly toolTemplate?: string;
  /** Set for formats that read `thinking` among the template's arguments. */
  readonly readsThinking?: true;
}

/** @source vLLM docker/Dockerfile copies `examples` to the working directory */
const examples = '/vllm-workspace/examples';

/**
 * @source vllm-project/recipes models/deepseek-ai/*.yaml and moonshotai (read 2026-11-24); V3.2 and
 * Speciale ship no template, their format is a tokenizer mode of vLLM (vllm#30658, #37004)
 */
const families: Readonly<Record<ModelFamily, ChatArguments>> = {
  'deepseek-v3.2': {
    tokenizerMode: 'deepseek_v32',
    reasoningParser: 'deepseek_v3',
    toolParser: 'deepseek_v32',
    readsThinking: true,
  },
  'deepseek-v3.2-exp': {
    tokenizerMode: 'deepseek_v32',
    reasoningParser: 'deepseek_v3',
    toolParser: 'deepseek_v32',
    readsThinking: true,
  },
  'deepseek-v3.2-speciale': {
    tokenizerMode: 'deepseek_v32',
    reasoningParser: 'deepseek_v3',
    readsThinking: true,
  },
  'deepseek-v3.1': {
    reasoningParser: 'deepseek_v3',
    toolParser: 'deepseek_v31',
    toolTemplate: `${examples}/tool_chat_template_deepseekv31.jinja`,
    readsThinking: true,
  },
  'deepseek-v3': {
    toolParser: 'deepseek_v3',
    toolTemplate: `${examples}/tool_chat_template_deepseekv3.jinja`,
  },
  'deepseek-r1': {
    reasoningParser: 'deepseek_r1',
    toolParser: 'deepseek_v3',
    toolTemplate: `${examples}/tool_chat_template_deepseekr1.jinja`,
  },
  'kimi-k2': { toolParser: 'kimi_k2' },
  other: {},
};

/**
 * Chat format and thinking of the request's model, on all pods of a group: engines without an API
 * server too read the tokenizer, and where thinking ends, for structured output.
 *
 * @source vllm/v1/structured_output/__init__.py
 */
export function formatArguments({ model }: Pick<EngineRequest, 'model'>): string[] {
  const { tokenizerMode, reasoningParser } = families[model.family];
  return [
    ...(tokenizerMode === undefined ? [] : ['--tokenizer-mode', tokenizerMode]),
    ...(reasoningParser === undefined ? [] : ['--reasoning-parser', reasoningParser]),
  ];
}

/** Tool calls and thinking as an API server needs them. */
export function chatArguments(request: EngineRequest): string[] {
  const { toolParser, toolTemplate, readsThinking } = families[request.model.family];
  const defaults = JSON.stringify({ thinking: thinksByDefault(request) });
  return [
    ...(toolParser === undefined
      ? []
      : ['--enable-auto-tool-choice', '--tool-call-parser', toolParser]),
    ...(toolTemplate === undefined ? [] : ['--chat-template', toolTemplate]),
    ...(readsThinking ? ['--default-chat-template-kwargs', defaults] : []),
  ];
}

/** What the API of a model can do behind vLLM: nothing that no parser reads. */
export function vllmAbilities(model: ModelRow): ModelAbilities {
  const abilities = modelAbilities(model);
  const { toolParser } = families[model.family];
  return { ...abilities, toolCalls: abilities.toolCalls && toolParser !== undefined };
}

/** @source vllm/entrypoints/openai protocol */
export const reasoningField = 'reasoning';

/** What callers of a model must know about its chat. */
export function chatNotes(request: EngineRequest): Note[] {
  const unproven: Note = {
    code: 'TOOL_PARSER_UNPROVEN',
    level: 'warning',
    message:
      'the recipe reads tool calls of V3.2-Exp with deepseek_v32, older posts with deepseek_v31: try them before you rely on them',
  };
  return [
    ...modelNotes(request),
    ...(request.model.family === 'deepseek-v3.2-exp' ? [unproven] : []),
  ];
}
