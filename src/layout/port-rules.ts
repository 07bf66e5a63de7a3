import type { ContainerPort, Reason, RoleWorkload } from '../engines/index.ts';

const mostPort = 65_535;

/** Ports of a group's pods that would not open: beyond the last, or two of them the same. */
export function checkPorts(workloads: readonly RoleWorkload[]): Reason[] {
  // The leader, or the only pod, has every port that any pod of the group has.
  const ports = workloads[0]?.ports ?? [];
  const [api] = ports;
  if (api === undefined) return [];
  return [...inRange(ports, api), ...onePurposeEach(ports)];
}

function inRange(ports: readonly ContainerPort[], api: ContainerPort): Reason[] {
  const last = Math.max(...ports.map(({ port }) => port));
  if (last <= mostPort) return [];
  const count = last - api.port + 1;
  return [
    {
      code: 'LAYOUT_PORT_RANGE',
      message: `api.port ${api.port} is the first of ${count} ports, one per data rank of a pod, and the last port is ${mostPort}`,
      hint: `Set api.port: ${mostPort - count + 1} or less; 8000 is usual.`,
      source: 'ports of an engine with loadBalancing: multi-port',
    },
  ];
}

function onePurposeEach(ports: readonly ContainerPort[]): Reason[] {
  return ports.flatMap(({ name, port }, index) => {
    const first = ports.slice(0, index).find((other) => other.port === port);
    if (first === undefined) return [];
    return [
      {
        code: 'LAYOUT_PORT_TAKEN',
        message: `port ${port} is asked for twice in one pod: as "${first.name}" by api.port, and as "${name}" by the engine`,
        hint: 'Set api.port: 8000, or another port that the engine does not use itself.',
        source: "ports of the engine's own start",
      },
    ];
  });
}
