import { applyCommand } from './apply.ts';
import { calibrateCommand } from './calibrate.ts';
import type { Command } from './define-command.ts';
import { destroyCommand } from './destroy.ts';
import { diffCommand } from './diff.ts';
import { estimateCommand } from './estimate.ts';
import { evidenceCommand } from './evidence.ts';
import { fitCommand } from './fit.ts';
import { healthCommand } from './health.ts';
import { historyCommand } from './history.ts';
import { initCommand } from './init.ts';
import { planCommand } from './plan.ts';
import { renderCommand } from './render.ts';
import { rollbackCommand } from './rollback.ts';
import { sandboxCommand } from './sandbox.ts';
import { schemaCommand } from './schema.ts';
import { showCommand } from './show.ts';

/** Every command, in the order of their use. */
export const commands: readonly Command[] = [
  initCommand,
  fitCommand,
  estimateCommand,
  calibrateCommand,
  planCommand,
  showCommand,
  applyCommand,
  healthCommand,
  evidenceCommand,
  diffCommand,
  historyCommand,
  rollbackCommand,
  destroyCommand,
  renderCommand,
  schemaCommand,
  sandboxCommand,
];
