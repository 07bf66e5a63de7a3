import type { ApplyResult } from '../actions/apply/index.ts';
import type { CalibrateResult } from '../actions/calibrate/index.ts';
import type { DestroyResult } from '../actions/destroy/index.ts';
import type { EstimateResult } from '../actions/estimate/index.ts';
import type { Fit } from '../actions/fit/index.ts';
import type { Drift, History, RevisionDetail } from '../actions/history/index.ts';
import type { InitResult } from '../actions/init/init.ts';
import type { Message } from '../actions/message.ts';
import type { AccessRoleManifests } from '../actions/preflight/index.ts';
import type { SiteProfileDocument } from '../capacity/index.ts';
import type { HealthReport, Verdict } from '../health/index.ts';
import type { Layout } from '../layout/index.ts';
import type { Manifest } from '../manifest/index.ts';
import type { Plan } from '../plan/index.ts';
import type { SandboxState, SandboxStatus, StopResult } from '../sandbox/index.ts';
import type { ChangeSummary } from '../ui/text/changes.ts';
import type { DriftSummary } from '../ui/text/drift.ts';
import type { ErrorDocument } from '../ui/text/error.ts';

/**
 * What `-o json` prints, by kind. `docs/schemas` is generated from these types, and a test holds real
 * output against it; changes are additive only.
 */
export interface Documents {
  readonly AccessRoles: AccessRolesDocument;
  readonly Fit: FitDocument;
  readonly Estimate: EstimateResult;
  readonly CalibrateResult: CalibrateResult;
  readonly SiteProfile: SiteProfileDocument;
  readonly Layout: LayoutDocument;
  readonly Plan: PlanDocument;
  readonly ApplyResult: ApplyDocument;
  readonly HealthReport: HealthReport;
  readonly Drift: DriftDocument;
  readonly History: History;
  readonly Revision: RevisionDetail;
  readonly DestroyResult: DestroyResult;
  readonly RenderResult: RenderDocument;
  readonly InitResult: InitResult;
  readonly Sandbox: SandboxState;
  readonly SandboxStatus: SandboxStatusDocument;
  readonly SandboxStopResult: SandboxStopDocument;
  readonly Evidence: EvidenceDocument;
  readonly Event: EventDocument;
  readonly Error: ErrorDocument;
}

/** `fit`: the layout, with the numbers of each group. */
export interface FitDocument extends Fit {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Fit';
}

/** `plan` of a layout that does not fit. */
export interface LayoutDocument extends Layout {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Layout';
}

/** `plan`. */
export interface PlanDocument extends Plan {
  readonly summary: ChangeSummary;
  readonly layout: Layout;
}

/** One line on stderr with `-o json`, while a command works; `docs/events.md` lists the codes. */
export type EventDocument = Message & {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Event';
};

/** `diff`. */
export interface DriftDocument extends Drift {
  readonly summary: DriftSummary;
}

/** `evidence`: the archive and what is in it. */
export interface EvidenceDocument {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Evidence';
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly verdict: Verdict;
  readonly files: readonly string[];
}

/** `plan --rbac`. */
export interface AccessRolesDocument {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'AccessRoles';
  readonly roles: readonly AccessRoleManifests[];
}

/** `apply`; `health` is null when nobody waited. */
export interface ApplyDocument extends ApplyResult {
  readonly health: HealthReport | null;
}

/** `render`: the objects, or the files they were written to. */
export interface RenderDocument {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'RenderResult';
  readonly manifests?: readonly Manifest[];
  readonly files?: readonly string[];
  /** Files of an earlier render that were removed, as this one has no object for them. */
  readonly removed?: readonly string[];
}

/** `sandbox status`. */
export interface SandboxStatusDocument extends SandboxStatus {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'SandboxStatus';
}

/** `sandbox down`. */
export interface SandboxStopDocument extends StopResult {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'SandboxStopResult';
  readonly directory: string;
}
