/**
 * The folders of docs/architecture.md as a rule: a row imports only rows above it.
 * `test/` mirrors the tree and may import anything.
 */
const rows = [
  'src/errors',
  'src/units',
  'src/manifest',
  'src/catalog',
  'src/spec',
  'src/capacity',
  'src/engines',
  'src/layout',
  'charts',
  'src/render',
  'src/plan',
  'src/health',
  'src/cluster',
  'src/sandbox',
  'src/actions',
  'src/ui',
  'src/commands',
];

const path = (row) => `^${row}/`;

const rowRules = rows.map((row, index) => ({
  name: `row-${row.replace('src/', '')}`,
  comment: `${row} imports only the rows above it`,
  severity: 'error',
  from: { path: path(row) },
  to: {
    path: rows
      .slice(index + 1)
      .map(path)
      .concat('^src/(cli|main|app)\\.ts$')
      .join('|'),
  },
}));

/** Everything up to `health` is pure: values in, values out. */
const pure =
  '^(src/(errors|units|manifest|catalog|spec|capacity|engines|layout|plan|health)|charts)/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...rowRules,
    {
      name: 'pure-core',
      comment: 'No I/O, cluster, or terminal in the pure folders',
      severity: 'error',
      from: { path: pure },
      to: {
        path: '^(node:)?(fs|net|http|https|child_process|os|process|readline|tls)(/|$)|node_modules/(@kubernetes/client-node|undici|yargs|@clack|log-update|picocolors)',
      },
    },
    {
      name: 'one-cluster-client',
      comment: 'src/cluster is the only importer of the Kubernetes client',
      severity: 'error',
      from: { pathNot: '^(src/cluster|test)/' },
      to: { path: 'node_modules/@kubernetes/client-node' },
    },
    {
      name: 'charts-see-types-only',
      comment: 'Charts take plain props; from other rows they import types',
      severity: 'error',
      from: { path: '^charts/' },
      to: { path: '^src/(?!units|manifest)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-test-imports',
      severity: 'error',
      from: { pathNot: '^(test|bench|tools)/' },
      to: { path: '^(test|bench|tools)/' },
    },
    {
      // Every package is a development dependency: the bin is one bundle (tools/build.ts).
      name: 'only-listed-packages',
      severity: 'error',
      from: { path: '^(src|charts)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    // Some packages export their folders under `default` only.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
    exclude: { path: '^(dist|coverage)/' },
  },
};
