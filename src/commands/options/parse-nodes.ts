import { DsdeployError } from '../../errors/index.ts';
import { type NodePoolOption, nodeKinds } from '../../sandbox/index.ts';
import { nearestName } from '../../spec/nearest.ts';

/** Parses `h200=2,mi355x=1`. */
export function parseNodes(text: string): readonly NodePoolOption[] {
  return text.split(',').map((part) => {
    const [, name = '', digits] = /^\s*([\w-]+)(?:=(\d{1,3}))?\s*$/.exec(part) ?? [];
    const kind = nodeKinds.find((candidate) => candidate === name);
    if (kind === undefined) throw unknownKind(part, name);
    const count = Number(digits ?? 1);
    if (count > 0) return { kind, count };
    throw usageError(`"${part}" names no node`, 'Leave the kind out, or give at least 1.');
  });
}

function unknownKind(part: string, name: string): DsdeployError {
  const nearest = nearestName(name, nodeKinds);
  const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return usageError(
    `"${part.trim()}" is not KIND=COUNT${suggestion}`,
    `Kinds are ${nodeKinds.join(', ')}; for example --nodes h200=2,mi355x=1.`,
  );
}

function usageError(state: string, hint: string): DsdeployError {
  return new DsdeployError('USAGE', `Cannot read --nodes: ${state}`, { subject: '--nodes', hint });
}
