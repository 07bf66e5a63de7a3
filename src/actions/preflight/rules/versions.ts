import { z } from 'zod';
import { type PreflightFinding } from '../../../plan/index.ts';
import type { PreflightInput } from '../facts.ts';
import { lwsController } from '../references.ts';
import { unknownFinding } from './unknown.ts';

interface Need {
  readonly minor: number;
  readonly level: 'error' | 'warning';
  readonly what: string;
}

/** Checks that the server knows the fields the pods use. */
export function checkServerVersion({ workloads, facts }: PreflightInput): PreflightFinding[] {
  const minor = Number(/^v?1\.(\d+)/.exec(facts.serverVersion)?.[1] ?? Number.NaN);
  // Distributions keep the upstream number; anything else cannot be compared.
  if (Number.isNaN(minor)) return [];
  const specs = workloads.flatMap(({ pods }) => pods.map(({ spec }) => spec));
  const sleeps = specs.some(({ containers }) =>
    containers.some(({ lifecycle }) => lifecycle?.preStop?.sleep !== undefined),
  );
  const images = specs.some(({ volumes }) => (volumes ?? []).some(({ image }) => image));
  const needs: Need[] = [
    ...(sleeps
      ? [{ minor: 30, level: 'error', what: 'pods drain by `preStop.sleep`' } as const]
      : []),
    ...(images
      ? [
          { minor: 33, level: 'error', what: 'the weights are an image volume' } as const,
          {
            minor: 35,
            level: 'warning',
            what: 'before, image volumes need the feature gate ImageVolume on server and nodes',
          } as const,
        ]
      : []),
  ];
  return needs
    .filter((need) => minor < need.minor)
    .slice(0, 1)
    .map(({ minor: needed, level, what }) => ({
      code: 'SERVER_TOO_OLD',
      level,
      what: `The server is ${facts.serverVersion}, and 1.${String(needed)} is needed: ${what}`,
      where: 'the cluster',
      fix: 'Upgrade the cluster, or deploy to another one.',
      command: 'kubectl version',
    }));
}

const controllerSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().nullish(),
    template: z.looseObject({
      spec: z.looseObject({
        containers: z.array(z.looseObject({ name: z.string(), image: z.string().nullish() })),
      }),
    }),
  }),
  status: z.looseObject({ availableReplicas: z.number().nullish() }).nullish(),
});

/** The release whose API and controller the plans of disruption were checked against. */
const testedLws = [0, 9, 0] as const;

const install =
  'Install LeaderWorkerSet v0.9.0 or newer: https://lws.sigs.k8s.io/docs/installation/.';

/** How to find a controller that was installed under another name or in another namespace. */
const elsewhere = {
  command: 'kubectl get deployments -A | grep -iE "lws|leaderworkerset"',
  fix: 'Nothing to do where the command shows one that is ready; else install the controller: no pod is made without it.',
};

/** Checks that the cluster has LeaderWorkerSet, and somebody who acts on it. */
export function checkLws({ workloads, facts }: PreflightInput): PreflightFinding[] {
  if (!workloads.some(({ ref }) => ref.kind === 'LeaderWorkerSet')) return [];
  const { served, controller } = facts.lws;
  if (!served) {
    return [
      {
        code: 'LWS_NOT_SERVED',
        level: 'error',
        what: 'The cluster does not serve leaderworkerset.x-k8s.io/v1',
        where: 'the cluster',
        fix: install,
        command: 'kubectl api-resources --api-group=leaderworkerset.x-k8s.io',
      },
    ];
  }
  const { namespace = '', name } = lwsController;
  const where = `Deployment/${namespace}/${name}`;
  const command = `kubectl get deployment ${name} -n ${namespace} -o wide`;
  const check = 'whether the LeaderWorkerSet controller runs';
  if (controller.kind === 'unreadable')
    return [unknownFinding({ check, where, command }, controller)];
  if (controller.value === undefined) {
    const reason = 'it is not at its usual place, so it may run elsewhere or not at all';
    return [unknownFinding({ check, where, ...elsewhere }, { kind: 'unreadable', reason })];
  }
  const { data } = controllerSchema.safeParse(controller.value);
  const available = data?.status?.availableReplicas ?? 0;
  const image = data?.spec.template.spec.containers.find(
    ({ name: container }) => container === 'manager',
  )?.image;
  return [
    ...(available > 0
      ? []
      : [
          {
            code: 'LWS_CONTROLLER_DOWN',
            level: 'error',
            what: 'The LeaderWorkerSet controller has no available replica, so no pod would be made',
            where,
            fix: 'Mend the controller first; its pods and events tell why.',
            command: `kubectl describe deployment ${name} -n ${namespace}`,
          } as const,
        ]),
    ...untested(image ?? '', { where, command }),
  ];
}

function untested(
  image: string,
  place: { readonly where: string; readonly command: string },
): PreflightFinding[] {
  const match = /:v?(\d+)\.(\d+)\.(\d+)/.exec(image);
  if (match === null) return [];
  const version = match.slice(1).map(Number);
  const older = testedLws.findIndex((part, at) => (version[at] ?? 0) !== part);
  if (older < 0 || (version[older] ?? 0) > (testedLws[older] ?? 0)) return [];
  return [
    {
      code: 'LWS_UNTESTED',
      level: 'info',
      what: `LeaderWorkerSet is ${version.join('.')}; what a change restarts was checked with ${testedLws.join('.')}`,
      fix: install,
      ...place,
    },
  ];
}
