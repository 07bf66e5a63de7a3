import packageJson from '../../../../package.json' with { type: 'json' };
import type { Manifest } from '../../../manifest/index.ts';
import type { DeploymentId } from '../../../plan/index.ts';
import { dumpYaml } from '../../../render/index.ts';
import { type FileText, manifestFiles } from './manifest-files.ts';

/**
 * A Helm chart with the objects as they are; there are no values, because the spec is where things are
 * chosen. A Namespace lies beside the templates: Helm keeps its release inside, so it comes first.
 */
export function helmFiles(deployment: DeploymentId, manifests: readonly Manifest[]): FileText[] {
  const { name, namespace } = deployment;
  const isNamespace = ({ kind }: Manifest) => kind === 'Namespace';
  const chart = {
    apiVersion: 'v2',
    name,
    description: `Serving objects of ${name}, rendered by dsdeploy for namespace ${namespace}`,
    type: 'application',
    version: packageJson.version,
    annotations: { 'dsdeploy/namespace': namespace },
  };
  const files = manifestFiles(manifests, 'templates');
  const templates = files.filter((_, index) => !isNamespace(manifests[index] ?? noObject));
  const before = manifestFiles(manifests.filter(isNamespace), 'before');
  return [
    { path: 'Chart.yaml', text: dumpYaml(chart) },
    { path: '.helmignore', text: 'before/\n' },
    ...before,
    ...templates.map(({ path, text }) => ({ path, text: escapeTemplate(text) })),
  ];
}

const noObject: Manifest = { apiVersion: '', kind: '', metadata: { name: '' } };

/** Makes text that comes out of Go's template engine as it went in. */
export function escapeTemplate(text: string): string {
  // Only an opening means something to the engine; closings outside of it are plain text.
  return text.replaceAll('{{', '{{ "{{" }}');
}
