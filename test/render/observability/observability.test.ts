import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { engines } from '../../../src/engines/index.ts';
import type { Layout } from '../../../src/layout/index.ts';
import { planLayout } from '../../../src/layout/index.ts';
import type { Manifest } from '../../../src/manifest/index.ts';
import { renderManifests } from '../../../src/render/index.ts';
import type { ObservabilitySpec } from '../../../src/spec/index.ts';
import { aTemplateSpec } from '../a-layout.ts';

const everything = { podMonitor: true, alerts: true, dashboard: true } as const;

const templates = { vllm: 'h200-vllm-2-nodes', sglang: 'h200-sglang-2-nodes' } as const;

type Engine = keyof typeof templates;

function aLayout(observability: Partial<ObservabilitySpec>, engine: Engine = 'vllm'): Layout {
  const spec = aTemplateSpec(templates[engine]);
  return planLayout({ ...spec, observability: { ...spec.observability, ...observability } });
}

function render(observability: Partial<ObservabilitySpec>, engine: Engine = 'vllm'): Manifest[] {
  return renderManifests(aLayout(observability, engine));
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleSpec {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

function ruleSpec(engine: Engine): RuleSpec {
  const rule = render(everything, engine).find(({ kind }) => kind === 'PrometheusRule');
  return (rule as Manifest & { spec: RuleSpec }).spec;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}

function dashboardOf(engine: Engine): Dashboard {
  const map = render(everything, engine).find(
    ({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1',
  );
  const [json = ''] = Object.values((map as Manifest & { data: Record<string, string> }).data);
  return JSON.parse(json) as Dashboard;
}

/** Places in which the grammar of Prometheus does not find what it expects. */
function syntaxErrors(expr: string): string[] {
  const errors: string[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) errors.push(`${expr.slice(0, node.from)} <- here`);
    },
  });
  return errors;
}

describe('observability', () => {
  test('renders nothing of anybody else unless asked', () => {
    const kinds = render({}).map(({ apiVersion }) => apiVersion);
    expect(kinds.filter((apiVersion) => apiVersion.startsWith('monitoring.'))).toEqual([]);
    expect(render({}).filter(({ metadata }) => metadata.labels?.['grafana_dashboard'])).toEqual([]);
  });

  test.each([
    ['podMonitor', ['PodMonitor']],
    ['alerts', ['PrometheusRule']],
  ] as const)('%s alone renders only its own kind', (key, kinds) => {
    const plain = new Set(render({}).map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    const added = render({ [key]: true }).filter(
      ({ kind, metadata }) => !plain.has(`${kind}/${metadata.name}`),
    );
    expect(added.map(({ kind }) => kind)).toEqual(kinds);
  });

  test('scrapes every pod that serves, by the labels the user wants', () => {
    const labels = { release: 'kube-prometheus-stack' };
    const monitor = render({ podMonitor: true, labels }).find(({ kind }) => kind === 'PodMonitor');
    expect(monitor).toMatchObject({
      metadata: { labels: expect.objectContaining(labels) as unknown },
      spec: {
        selector: { matchLabels: expect.objectContaining({ 'dsdeploy/serves': 'api' }) as unknown },
        podMetricsEndpoints: [{ port: 'http', path: '/metrics' }],
      },
    });
  });
});

describe.each(['vllm', 'sglang'] as const)('alerts and dashboard of %s', (engine) => {
  const rules = ruleSpec(engine).groups.flatMap((group) => group.rules);
  const dashboard = dashboardOf(engine);
  const panelExprs = dashboard.panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  );

  test('every alert is there, names its group and says what to run', () => {
    expect(rules.map(({ alert }) => alert)).toEqual([
      'DsdeployLeaderAbsent',
      'DsdeployGroupNotReady',
      'DsdeployNoTokens',
      'DsdeployQueueGrowing',
      'DsdeployKvCacheFull',
      'DsdeployPreemptions',
      'DsdeployFirstTokenSlow',
      'DsdeployTokensSlow',
      'DsdeployRestarts',
      'DsdeployGroupRecreated',
    ]);
    for (const { labels, annotations } of rules) {
      expect(labels).toMatchObject({ deployment: expect.any(String) as string, group: 'main' });
      expect(annotations['description']).toContain('dsdeploy health');
    }
  });

  test('every expression is PromQL', () => {
    // Grafana fills in the window before Prometheus sees the expression.
    const filled = panelExprs.map((expr) => expr.replaceAll('$__rate_interval', '5m'));
    for (const expr of [...rules.map(({ expr: own }) => own), ...filled])
      expect(syntaxErrors(expr)).toEqual([]);
  });

  test('the rules are a file Prometheus takes: names, durations, labels and templates', () => {
    const groups = ruleSpec(engine).groups;
    expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const keys = ['alert', 'annotations', 'expr', 'for', 'keep_firing_for', 'labels'];
    for (const rule of rules) {
      expect(Object.keys(rule).filter((key) => !keys.includes(key))).toEqual([]);
      expect(rule.alert).toMatch(/^[A-Za-z]\w*$/);
      expect(rule.for).toMatch(/^\d+[smhd]$/);
      for (const name of Object.keys({ ...rule.labels, ...rule.annotations })) {
        expect(name).toMatch(/^[a-zA-Z_]\w*$/);
      }
    }
  });

  test('annotations show only labels that the expression kept', () => {
    for (const { alert, annotations, expr } of rules) {
      const text = Object.values(annotations).join('\n');
      expect(text.split('{{').length, alert).toBe(text.split('}}').length);
      // A label that was summed away would be shown as nothing.
      const kept = /\bby\s*\(([^)]*)\)/.exec(expr)?.[1]?.split(/,\s*/);
      const shown = [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? '');
      if (kept !== undefined) expect(kept, alert).toEqual(expect.arrayContaining(shown));
    }
  });

  test('every metric is one the engine or Kubernetes exports', () => {
    const known = new Set<string>(
      Object.values<string>({ ...engines[engine].metrics }).flatMap((name) => [
        name,
        `${name}_bucket`,
      ]),
    );
    const exprs = [...rules.map(({ expr }) => expr), ...panelExprs];
    const used = exprs.flatMap((expr) =>
      [...expr.matchAll(/([a-z0-9_:]+)\{/g)].map(([text]) => text.slice(0, -1)),
    );
    expect(used.length).toBeGreaterThan(20);
    for (const name of used) {
      if (!/^(up|kube_)/.test(name)) expect(known, name).toContain(name);
    }
  });

  test('nothing but a fallback counts the copies of the spec: an autoscaler may want others', () => {
    const exprsOf = (replicas: number): string[] => {
      const { spec } = aLayout(everything, engine);
      const groups = spec.groups.map((group) => ({ ...group, replicas }));
      const pools = spec.pools.map((pool) => ({ ...pool, nodes: pool.nodes * 3 }));
      const manifests = renderManifests(planLayout({ ...spec, pools, groups }));
      const rule = manifests.find(({ kind }) => kind === 'PrometheusRule');
      const { groups: alerts } = (rule as Manifest & { spec: RuleSpec }).spec;
      return alerts.flatMap((group) => group.rules.map(({ expr }) => expr));
    };
    const withoutFallback = (exprs: readonly string[]): string[] =>
      exprs.map((expr) => expr.replaceAll(/or vector\(\d+\)/g, 'or vector(N)'));
    expect(exprsOf(1)).not.toEqual(exprsOf(3));
    expect(withoutFallback(exprsOf(1))).toEqual(withoutFallback(exprsOf(3)));
  });

  test('the dashboard has an id Grafana takes, and no panel lies on another', () => {
    expect(dashboard.uid.length).toBeLessThanOrEqual(40);
    const cells = new Set<string>();
    for (const { gridPos, title } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(cells.has(`${x}/${y}`), title).toBe(false);
          cells.add(`${x}/${y}`);
        }
      }
    }
  });

  test('equal layouts give equal bytes', () => {
    expect(JSON.stringify(render(everything, engine))).toBe(
      JSON.stringify(render(everything, engine)),
    );
  });
});

function findPromtool(): string | undefined {
  try {
    return execFileSync('which', ['promtool'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

const promtool = findPromtool();

describe.skipIf(promtool === undefined)(
  promtool === undefined ? 'promtool (skipped: not in PATH)' : 'promtool',
  () => {
    function runPromtool(
      command: readonly string[],
      files: Readonly<Record<string, string>>,
    ): string {
      const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-promtool-'));
      try {
        for (const [name, text] of Object.entries(files))
          writeFileSync(join(directory, name), text);
        return execFileSync(promtool ?? '', command, { cwd: directory, encoding: 'utf8' });
      } finally {
        rmSync(directory, { recursive: true });
      }
    }

    test.each(['vllm', 'sglang'] as const)('accepts the rules of %s', (engine) => {
      const files = { 'rules.yaml': JSON.stringify(ruleSpec(engine)) };
      expect(runPromtool(['check', 'rules', '--lint=all', 'rules.yaml'], files)).toContain(
        'SUCCESS',
      );
    });

    interface Values {
      readonly ready: string;
      readonly up: string;
      readonly running: string;
      readonly tokens: string;
      /** Copies that somebody wants; absent where nothing exports them. */
      readonly copies?: string;
      /** Lives of the leader beside the first, by UID. */
      readonly lives?: readonly string[];
    }

    test('alerts fire when they should and keep quiet when all is well', () => {
      const pods = ['deepseek-main-0', 'deepseek-main-0-1'];
      const labels = (pod: string) => `namespace="deepseek",pod="${pod}"`;
      const series = (values: Values) => [
        ...(values.copies === undefined
          ? []
          : [
              {
                series:
                  'kube_statefulset_replicas{namespace="deepseek",statefulset="deepseek-main"}',
                values: values.copies,
              },
            ]),
        {
          series: `kube_pod_info{${labels('deepseek-main-0')},uid="a"}`,
          values: '1x120',
        },
        ...(values.lives ?? []).map((uid) => ({
          series: `kube_pod_info{${labels('deepseek-main-0')},uid="${uid}"}`,
          values: '1x120',
        })),
        ...pods.map((pod) => ({
          series: `kube_pod_status_ready{${labels(pod)},condition="true"}`,
          values: values.ready,
        })),
        { series: `up{${labels('deepseek-main-0')}}`, values: values.up },
        {
          series: `vllm:num_requests_running{${labels('deepseek-main-0')}}`,
          values: values.running,
        },
        {
          series: `vllm:generation_tokens_total{${labels('deepseek-main-0')}}`,
          values: values.tokens,
        },
        { series: `vllm:prompt_tokens_total{${labels('deepseek-main-0')}}`, values: values.tokens },
      ];
      const check = (alertname: string, fires: boolean) => ({
        eval_time: '60m',
        alertname,
        exp_alerts: fires
          ? [
              {
                exp_labels: expectedLabels(alertname),
                exp_annotations: expectedAnnotations(alertname),
              },
            ]
          : [],
      });
      const rules = ruleSpec('vllm').groups.flatMap((group) => group.rules);
      const ruleOf = (alertname: string) => rules.find(({ alert }) => alert === alertname);
      const expectedLabels = (alertname: string) => ruleOf(alertname)?.labels;
      const expectedAnnotations = (alertname: string) => ruleOf(alertname)?.annotations;
      const well: Values = { ready: '1x120', up: '1x120', running: '4x120', tokens: '0+6000x120' };
      const watched = [
        'DsdeployLeaderAbsent',
        'DsdeployGroupNotReady',
        'DsdeployNoTokens',
        'DsdeployGroupRecreated',
      ];
      const scenario = (name: string, values: Values, firing: readonly string[]) => ({
        name,
        interval: '1m',
        input_series: series(values),
        alert_rule_test: watched.map((alertname) => check(alertname, firing.includes(alertname))),
      });
      const tests = {
        rule_files: ['rules.yaml'],
        tests: [
          scenario('all is well', well, []),
          scenario('idle', { ...well, running: '0x120', tokens: '6000x120' }, []),
          scenario('hung', { ...well, tokens: '6000x120' }, ['DsdeployNoTokens']),
          scenario('leader gone', { ...well, up: '0x120' }, ['DsdeployLeaderAbsent']),
          scenario('one copy wanted and there', { ...well, copies: '1x120' }, []),
          scenario('scaled to none', { ...well, copies: '0x120', up: '0x120', ready: '0x120' }, []),
          scenario('a second copy wanted for long', { ...well, copies: '2x120' }, [
            'DsdeployLeaderAbsent',
            'DsdeployGroupNotReady',
          ]),
          scenario('a second copy wanted since now', { ...well, copies: '1x55 2x65' }, []),
          scenario('replaced twice', { ...well, lives: ['b', 'c'] }, []),
          scenario('made again and again', { ...well, lives: ['b', 'c', 'd'] }, [
            'DsdeployGroupRecreated',
          ]),
          scenario('not ready', { ...well, ready: '0x120' }, ['DsdeployGroupNotReady']),
        ],
      };
      const files = {
        'rules.yaml': JSON.stringify(ruleSpec('vllm')),
        'tests.yaml': JSON.stringify(tests),
      };
      expect(runPromtool(['test', 'rules', 'tests.yaml'], files)).toContain('SUCCESS');
    });
  },
);
