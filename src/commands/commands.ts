import { applyCommand } from './apply.ts';
import type { Command } from './define-command.ts';
import { destroyCommand } from './destroy.ts';
import { fitCommand } from './fit.ts';
import { healthCommand } from './health.ts';
import { initCommand } from './init.ts';
import { planCommand } from './plan.ts';
import { renderCommand } from './render.ts';
import { sandboxCommand } from './sandbox.ts';
import { schemaCommand } from './schema.ts';

/** Every command, in the order of their use. */
export const commands: readonly Command[] = [
  initCommand,
  fitCommand,
  planCommand,
  applyCommand,
  healthCommand,
  destroyCommand,
  renderCommand,
  schemaCommand,
  sandboxCommand,
];
