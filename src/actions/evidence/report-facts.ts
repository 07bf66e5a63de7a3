import type { HealthReport } from '../../health/index.ts';
import type { Layout, PlacedGroup } from '../../layout/index.ts';
import type { ObjectRef } from '../../manifest/index.ts';

/** Everything a report shows. Plain data; the same facts go into an evidence archive. */
export interface ReportFacts {
  readonly report: HealthReport;
  readonly layout: Layout;
  /** Desired objects by digest, in apply order. */
  readonly manifests: readonly ManifestDigest[];
  readonly versions: readonly VersionFact[];
  /** When health was read, milliseconds since 1970. */
  readonly readAtMs: number;
}

export interface ManifestDigest {
  readonly ref: ObjectRef;
  /** SHA-256 of the canonical JSON, in hex. */
  readonly sha256: string;
}

export interface VersionFact {
  readonly what: string;
  readonly version: string;
}

/** What runs: dsdeploy, the server, the model, and each group's engine and image. */
export function versionFacts(
  layout: Layout,
  { dsdeploy, kubernetes }: { readonly dsdeploy: string; readonly kubernetes?: string | undefined },
): readonly VersionFact[] {
  const { model } = layout.spec;
  return [
    { what: 'dsdeploy', version: dsdeploy },
    ...(kubernetes === undefined ? [] : [{ what: 'Kubernetes', version: kubernetes }]),
    {
      what: 'Model',
      version: model.revision === undefined ? model.id : `${model.id} at ${model.revision}`,
    },
    ...layout.groups.flatMap((group) => [
      {
        what: `Engine of ${group.name}`,
        version: `${group.spec.engine} ${group.spec.release}`,
      },
      ...(group.kind === 'placed'
        ? [{ what: `Image of ${group.name}`, version: group.image }]
        : []),
    ]),
  ];
}

/** The placed group a group of the report comes from. */
export function placedOf({ layout }: ReportFacts, name: string): PlacedGroup | undefined {
  return layout.groups.find(
    (group): group is PlacedGroup => group.kind === 'placed' && group.name === name,
  );
}
