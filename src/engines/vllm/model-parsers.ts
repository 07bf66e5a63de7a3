import type { EngineRequest } from '../engine.ts';
import { type ModelFamily, modelFamily } from '../model-family.ts';
import type { Note } from '../reason.ts';

/** How vLLM reads and writes the chat of one family of models. */
interface ChatArguments {
  readonly tokenizerMode?: string;
  readonly reasoningParser?: string;
  readonly toolParser?: string;
  /** File in the image; for models whose own template has no tool calls. */
  readonly toolTemplate?: string;
  /** Whether a request can turn thinking on and off. */
  readonly thinking: 'switch' | 'always' | 'never';
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
    thinking: 'switch',
  },
  'deepseek-v3.2-exp': {
    tokenizerMode: 'deepseek_v32',
    reasoningParser: 'deepseek_v3',
    toolParser: 'deepseek_v32',
    thinking: 'switch',
  },
  'deepseek-v3.2-speciale': {
    tokenizerMode: 'deepseek_v32',
    reasoningParser: 'deepseek_v3',
    thinking: 'always',
  },
  'deepseek-v3.1': {
    reasoningParser: 'deepseek_v3',
    toolParser: 'deepseek_v31',
    toolTemplate: `${examples}/tool_chat_template_deepseekv31.jinja`,
    thinking: 'switch',
  },
  'deepseek-v3': {
    toolParser: 'deepseek_v3',
    toolTemplate: `${examples}/tool_chat_template_deepseekv3.jinja`,
    thinking: 'never',
  },
  'deepseek-r1': {
    reasoningParser: 'deepseek_r1',
    toolParser: 'deepseek_v3',
    toolTemplate: `${examples}/tool_chat_template_deepseekr1.jinja`,
    thinking: 'never',
  },
  'kimi-k2': { toolParser: 'kimi_k2', thinking: 'never' },
  other: { thinking: 'never' },
};

/**
 * Chat format and thinking of the request's model, on all pods of a group: engines without an API
 * server too read the tokenizer, and where thinking ends, for structured output.
 *
 * @source vllm/v1/structured_output/__init__.py
 */
export function formatArguments({ model }: Pick<EngineRequest, 'model'>): string[] {
  const { tokenizerMode, reasoningParser } = families[modelFamily(model)];
  return [
    ...(tokenizerMode === undefined ? [] : ['--tokenizer-mode', tokenizerMode]),
    ...(reasoningParser === undefined ? [] : ['--reasoning-parser', reasoningParser]),
  ];
}

/** Tool calls and thinking as an API server needs them. */
export function chatArguments({ model, api }: EngineRequest): string[] {
  const { toolParser, toolTemplate, thinking } = families[modelFamily(model)];
  const kwargs = JSON.stringify({ thinking: thinking === 'always' || api.thinking });
  return [
    ...(toolParser === undefined
      ? []
      : ['--enable-auto-tool-choice', '--tool-call-parser', toolParser]),
    ...(toolTemplate === undefined ? [] : ['--chat-template', toolTemplate]),
    ...(thinking === 'never' ? [] : ['--default-chat-template-kwargs', kwargs]),
  ];
}

/** What callers of a model must know about its chat. */
export function chatNotes({ model, api }: EngineRequest): Note[] {
  const family = modelFamily(model);
  if (family === 'other') {
    return [
      note(
        'CHAT_FORMAT_UNKNOWN',
        `no chat parsers are known for ${model.id}: thinking and tool calls come back as plain text unless extraArgs names parsers`,
      ),
    ];
  }
  if (family === 'deepseek-v3.2-speciale') {
    const on = api.thinking ? '' : ', so api.thinking: false has no effect';
    return [note('MODEL_WITHOUT_TOOLS', `${model.id} calls no tools and always thinks${on}`)];
  }
  if (family === 'deepseek-v3.2-exp') {
    return [
      note(
        'TOOL_PARSER_UNPROVEN',
        'the recipe reads tool calls of V3.2-Exp with deepseek_v32, older posts with deepseek_v31: try them before you rely on them',
      ),
    ];
  }
  return [];
}

function note(code: string, message: string): Note {
  return { code, level: 'warning', message };
}
