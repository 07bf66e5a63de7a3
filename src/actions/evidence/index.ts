export {
  collectEvidence,
  digestManifests,
  type EvidenceCluster,
  type EvidenceRequest,
} from './collect-evidence.ts';
export { packArchive } from './pack-archive.ts';
export {
  type ManifestDigest,
  type ReportFacts,
  type VersionFact,
  versionFacts,
} from './report-facts.ts';
export { maskSecretsIn, secretsOfLayout } from './secret-mask.ts';
