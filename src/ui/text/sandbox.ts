import type { SandboxState, SandboxStatus, StopResult } from '../../sandbox/index.ts';
import { fields, joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';

/** Renders a running sandbox and the commands to use it. */
export function renderSandboxState(state: SandboxState, style: Style): string {
  const { heading, good } = style.paints;
  const option = `--kubeconfig ${state.kubeconfigPath}`;
  return joinBlocks([
    [`${heading(`Sandbox ${state.name}`)}: ${good('running')}`, ...stateFields(state, style)],
    [
      'Next:',
      `  export KUBECONFIG=${state.kubeconfigPath}`,
      `  dsdeploy plan          (or with ${option})`,
    ],
  ]);
}

/** Renders what runs of a sandbox. */
export function renderSandboxStatus(status: SandboxStatus, style: Style): string {
  const { heading, good, warning } = style.paints;
  const { state, phase, directory, processes } = status;
  const paint = phase === 'running' ? good : warning;
  const title = `${heading(`Sandbox ${state?.name ?? ''}`.trim())}: ${paint(phase)}`;
  if (state === undefined) {
    const hint = `Nothing in ${directory}: start one with \`dsdeploy sandbox up\``;
    return joinBlocks([[title, ...paragraph(hint, { style, indent: 2 })]]);
  }
  const rows = processes.map(({ name, pid, isRunning }) => [
    { text: name },
    { text: String(pid) },
    { text: isRunning ? 'running' : 'ended', paint: isRunning ? good : warning },
  ]);
  const columns = [{ header: 'process' }, { header: 'pid' }, { header: 'state' }];
  return joinBlocks([
    [title, ...stateFields(state, style)],
    rows.length === 0 ? [] : table({ columns, rows }, { style }),
  ]);
}

/** Renders what stopping did. */
export function renderSandboxDown(
  { directory, wasPresent, stoppedProcesses }: StopResult & { readonly directory: string },
  style: Style,
): string {
  const text = wasPresent
    ? `Stopped ${String(stoppedProcesses)} processes and removed ${directory}`
    : `No sandbox in ${directory}; nothing to stop`;
  return joinBlocks([paragraph(text, { style })]);
}

function stateFields(state: SandboxState, style: Style): string[] {
  const nodes = state.nodes.map(({ name }) => name);
  return fields(
    [
      ['kubeconfig', state.kubeconfigPath],
      ['context', state.context],
      ['server', state.serverUrl],
      ['nodes', nodes.join(', ')],
    ],
    { style },
  );
}
