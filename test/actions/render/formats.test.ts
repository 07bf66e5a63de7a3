import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { formatFiles } from '../../../src/actions/render/formats/format.ts';
import { escapeTemplate } from '../../../src/actions/render/formats/helm.ts';
import type { FileText } from '../../../src/actions/render/formats/manifest-files.ts';
import type { RenderFormat } from '../../../src/actions/render/formats/render-format.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import { canonicalJson, sortManifests } from '../../../src/manifest/index.ts';
import { renderManifests } from '../../../src/render/index.ts';
import { aLayout } from '../../render/a-layout.ts';

const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-formats-'));

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** What a careless template engine would take for its own. */
const tricky: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'tricky', namespace: 'deepseek' },
  data: {
    go: '{{ .Values.x }} and {{- if }} and }} and {{ "{{" }} and {{{{',
    shell: '$(A) ${B} $C `d` "e" \'f\' \\ \t ü €\nsecond line\n',
    json: '{"a":{"b":{}}}',
  },
};

const manifests = sortManifests([...renderManifests(aLayout()), tricky]);
const deployment = { name: 'deepseek', namespace: 'deepseek' };
const place = { 'repo-path': 'deepseek/manifests' };
const repoUrl = 'https://git.example.com/racks.git';
const gitOpsOf = {
  yaml: {},
  kustomize: {},
  helm: {},
  argocd: { ...place, 'repo-url': repoUrl, revision: 'main' },
  flux: { ...place, source: 'racks' },
};

function filesOf(format: RenderFormat): FileText[] {
  return formatFiles(format, { deployment, manifests, gitOps: gitOpsOf[format] });
}

function parse(text: string): Manifest[] {
  return parseAllDocuments(text).map((document): Manifest => document.toJS() as Manifest);
}

/** Undoes the escaping as Go's engine does. */
function asGoWould(text: string): string {
  return text.replaceAll('{{ "{{" }}', '{{');
}

/** Files that are about the objects and none of them. */
const wrappers = [
  'Chart.yaml',
  '.helmignore',
  'kustomization.yaml',
  'application.yaml',
  'flux-kustomization.yaml',
];

function objectsIn(files: readonly FileText[], read: (text: string) => string = (text) => text) {
  const objects = files
    .filter(({ path }) => !wrappers.some((name) => path === name || path.endsWith(`/${name}`)))
    .flatMap(({ text }) => parse(read(text)));
  return sortManifests(objects).map(canonicalJson);
}

const expected = manifests.map(canonicalJson);

describe('formatFiles()', () => {
  test.each(['yaml', 'kustomize', 'argocd', 'flux'] as const)(
    '%s parses back to the objects',
    (format) => {
      expect(objectsIn(filesOf(format))).toEqual(expected);
    },
  );

  test('helm parses back to the objects once the engine has been through', () => {
    expect(objectsIn(filesOf('helm'), asGoWould)).toEqual(expected);
  });

  test('helm keeps the Namespace out of the chart, because the release lies inside', () => {
    const paths = filesOf('helm').map(({ path }) => path);
    expect(paths.filter((path) => path.includes('namespace'))).toEqual([
      'before/01-namespace-deepseek.yaml',
    ]);
    expect(paths).toContain('Chart.yaml');
  });

  test.each(['kustomize', 'flux'] as const)(
    '%s lists every file of an object, in apply order',
    (format) => {
      const files = filesOf(format);
      const base = files.find(
        ({ path }) => path.endsWith('kustomization.yaml') && !path.startsWith('flux-'),
      );
      const [kustomization] = parse(base?.text ?? '');
      const folder = base?.path.includes('/') === true ? 'manifests/' : '';
      const paths = files.map(({ path }) => path).filter((path) => /\d\d-/.test(path));
      expect((kustomization?.['resources'] as string[]).map((name) => folder + name)).toEqual(
        paths,
      );
    },
  );

  test('argocd and flux point at what the user named', () => {
    const [application] = parse(filesOf('argocd')[0]?.text ?? '');
    expect(application).toMatchObject({
      kind: 'Application',
      spec: {
        source: { repoURL: repoUrl, path: 'deepseek/manifests', targetRevision: 'main' },
        ignoreDifferences: [{ kind: 'Secret', jsonPointers: ['/data'] }],
      },
    });
    const [kustomization] = parse(filesOf('flux')[0]?.text ?? '');
    expect(kustomization).toMatchObject({
      spec: { path: './deepseek/manifests', prune: false, sourceRef: { name: 'racks' } },
    });
  });

  test.each([
    ['argocd', '--repo-url, --repo-path, --revision'],
    ['flux', '--repo-path, --source'],
  ] as const)('%s is refused without %s', (format, names) => {
    expect(() => formatFiles(format, { deployment, manifests, gitOps: {} })).toThrow(
      `Cannot render for ${format} without ${names}`,
    );
  });
});

describe('an option of another format', () => {
  test.each([
    ['yaml', 'revision', '--format argocd'],
    ['kustomize', 'source', '--format flux'],
    ['helm', 'repo-path', '--format argocd or --format flux'],
    ['flux', 'repo-url', '--format argocd'],
  ] as const)('%s refuses --%s', (format, key, formats) => {
    const rest = format === 'flux' ? { 'repo-path': 'a', source: 'b' } : {};
    const render = () =>
      formatFiles(format, { deployment, manifests, gitOps: { ...rest, [key]: 'x' } });
    expect(render).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        subject: `--${key}`,
        hint: `Leave it out, or add ${formats}.`,
      }),
    );
  });
});

describe('escapeTemplate()', () => {
  test('leaves no opening that is not its own', () => {
    expect(escapeTemplate('a {{ b }} {{{{ c')).toBe('a {{ "{{" }} b }} {{ "{{" }}{{ "{{" }} c');
  });
});

function write(files: readonly FileText[], folder: string): string {
  const target = join(directory, folder);
  for (const { path, text } of files) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  }
  return target;
}

function tool(variable: string): string | undefined {
  const path = process.env[variable];
  return path === '' ? undefined : path;
}

// Programs of others, named by whoever has them: DSDEPLOY_TEST_HELM, DSDEPLOY_TEST_KUBECTL.
const helm = tool('DSDEPLOY_TEST_HELM');
const kubectl = tool('DSDEPLOY_TEST_KUBECTL');

describe('the tools themselves give the objects back', () => {
  test.skipIf(helm === undefined)('helm template', () => {
    const chart = write(filesOf('helm'), 'chart');
    const args = ['template', 'deepseek', chart, '--namespace', 'deepseek'];
    const text = execFileSync(helm ?? '', args, { encoding: 'utf8' });
    const objects = sortManifests(parse(text));
    const inChart = manifests.filter(({ kind }) => kind !== 'Namespace');
    expect(objects.map(canonicalJson)).toEqual(inChart.map(canonicalJson));
    execFileSync(helm ?? '', ['lint', chart]);
  });

  test.skipIf(kubectl === undefined)('kubectl kustomize', () => {
    const base = write(filesOf('kustomize'), 'base');
    const text = execFileSync(kubectl ?? '', ['kustomize', base], { encoding: 'utf8' });
    expect(parse(text).map(canonicalJson)).toEqual(expected);
  });
});
