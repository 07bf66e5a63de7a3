import { modelAbilities } from '../catalog/index.ts';
import type { EngineRequest } from './engine.ts';
import type { Note } from './reason.ts';

/** Whether requests that do not mention thinking think. */
export function thinksByDefault({ model, api }: Pick<EngineRequest, 'model' | 'api'>): boolean {
  const { thinking } = modelAbilities(model);
  return thinking === 'always' || (thinking === 'switch' && api.thinking);
}

/** What callers must know about a model, whatever serves it. */
export function modelNotes({ model, api }: Pick<EngineRequest, 'model' | 'api'>): Note[] {
  if (model.family === 'other') {
    return [
      warning(
        'CHAT_FORMAT_UNKNOWN',
        `no chat parsers are known for ${model.id}: thinking and tool calls come back as plain text unless extraArgs names parsers`,
      ),
    ];
  }
  const { thinking, toolCalls } = modelAbilities(model);
  const limits = [
    ...(toolCalls ? [] : ['calls no tools']),
    ...(thinking === 'always' ? ['always thinks'] : []),
    ...(thinking === 'never' ? ['never thinks'] : []),
  ].join(' and ');
  const obeyed = thinking === 'switch' || thinksByDefault({ model, api }) === api.thinking;
  const effect = obeyed ? '' : `, so api.thinking: ${String(api.thinking)} has no effect`;
  const message = `${model.id} ${limits}${effect}`;
  if (!toolCalls) return [warning('MODEL_WITHOUT_TOOLS', message)];
  if (obeyed) return [];
  // `false` is the default, and nobody's mistake.
  return [{ code: 'MODEL_THINKING_FIXED', level: api.thinking ? 'warning' : 'info', message }];
}

function warning(code: string, message: string): Note {
  return { code, level: 'warning', message };
}
