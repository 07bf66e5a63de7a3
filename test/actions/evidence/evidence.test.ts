import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { unpackTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import {
  collectEvidence,
  digestManifests,
  maskSecretsIn,
  packArchive,
  secretsOfLayout,
} from '../../../src/actions/evidence/index.ts';
import { toPlanRequest } from '../../../src/actions/render/plan-request.ts';
import { planLayout } from '../../../src/layout/index.ts';
import type { GroupSpec } from '../../../src/spec/index.ts';
import { renderReport } from '../../../src/ui/report/index.ts';
import { aGroup, aSpec } from '../../fixtures/a-spec.ts';
import { anEvent, aPod } from '../../health/builders.ts';
import { aReportFacts } from '../../ui/report/a-report.ts';
import { FakeCluster } from '../health/fakes.ts';

/** Secrets planted wherever one may stand; none may leave in any form. */
const canaries = {
  apiKey: 'k3y-Zq81-canary-API+/=',
  hfToken: 'hf_CANARYcanaryCANARYcanary0001',
  password: 'canary-P4ss"w0rd<&>',
  bearer: 'canaryBearer.0123456789abcdef',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ',
  url: 'canary-url-pass',
  flag: 'canary-flag-value-7',
} as const;

const specText = `
groups:
  main:
    extraEnv:
      HF_TOKEN: ${canaries.hfToken}
      PROXY_PASSWORD: ${JSON.stringify(canaries.password)}
    extraArgs: [--api-key, ${canaries.flag}]
`;

const log = [
  `(APIServer pid=1) INFO non-default args: {'api_key': ['${canaries.apiKey}'], 'port': 8000}`,
  `curl -H "Authorization: Bearer ${canaries.bearer}" http://x`,
  `HF_TOKEN=${canaries.hfToken} ssl token: ${canaries.jwt}`,
  `proxy http://user:${canaries.url}@proxy.example:3128`,
  `base64 ${Buffer.from(canaries.apiKey).toString('base64')}`,
  `-----BEGIN PRIVATE KEY-----\n${canaries.flag}\n-----END PRIVATE KEY-----`,
  'max_num_batched_tokens: 8192, num_special_tokens=4, prompt_tokens=12, tokenizer=/models/x',
].join('\n');

function aDeployment(loadBalancing: GroupSpec['loadBalancing'] = 'internal') {
  const extraEnv = { HF_TOKEN: canaries.hfToken, PROXY_PASSWORD: canaries.password };
  const planned = planLayout(aSpec({ groups: [aGroup({ extraEnv, loadBalancing })] }));
  // Planning refuses this flag; a file may hold it all the same.
  const groups = [aGroup({ extraEnv, extraArgs: ['--api-key', canaries.flag] })];
  const layout = { ...planned, spec: { ...planned.spec, groups } };
  const cluster = new FakeCluster();
  cluster.put(
    aPod(),
    anEvent(aPod(), { reason: 'Failed', message: `pull with password=${canaries.flag} failed` }),
  );
  cluster.logs.set('deepseek-main-0', log);
  return {
    layout,
    cluster: Object.assign(cluster, { readTarget: () => Promise.reject(new Error()) }),
  };
}

async function collect(loadBalancing?: GroupSpec['loadBalancing']) {
  const { layout, cluster } = aDeployment(loadBalancing);
  const facts = aReportFacts();
  return collectEvidence(cluster, {
    layout,
    specText,
    report: facts.report,
    facts: { ...facts, manifests: digestManifests(toPlanRequest(layout).manifests) },
    secrets: [canaries.apiKey],
    renderReport,
  });
}

describe('collectEvidence', () => {
  test('holds report, spec, plan, events, logs, digests and versions', async () => {
    expect([...(await collect()).keys()].toSorted()).toEqual([
      'README.txt',
      'events.txt',
      'health.json',
      'logs/deepseek-main-0.log',
      'manifests.json',
      'metrics/deepseek-main-0.txt',
      'plan.json',
      'report.html',
      'spec.yaml',
      'versions.json',
    ]);
  });

  test('holds what each port counts where every rank has its own', async () => {
    const names = [...(await collect('multi-port')).keys()];
    const metrics = names.filter((name) => name.startsWith('metrics/deepseek-main-0'));
    expect(metrics).toContain('metrics/deepseek-main-0.txt');
    expect(metrics).toContain('metrics/deepseek-main-0-8007.txt');
  });

  test('lets no secret out, in no file and no form', async () => {
    for (const [name, text] of await collect()) {
      for (const [kind, secret] of Object.entries(canaries)) {
        const forms = [
          secret,
          Buffer.from(secret).toString('base64'),
          encodeURIComponent(secret),
          JSON.stringify(secret).slice(1, -1),
        ];
        for (const form of forms) expect(text.includes(form), `${kind} in ${name}`).toBe(false);
      }
    }
  });

  test('keeps what tells about tokens without being one', async () => {
    const text = (await collect()).get('logs/deepseek-main-0.log');
    expect(text).toContain('max_num_batched_tokens: 8192, num_special_tokens=4, prompt_tokens=12');
    expect(text).toContain('tokenizer=/models/x');
  });

  test('tells what could not be read in the file it would have been', async () => {
    const text = (await collect()).get('metrics/deepseek-main-0.txt');
    expect(text).toMatch(/^dsdeploy could not read the metrics of deepseek-main-0: /);
  });
});

describe('maskSecretsIn', () => {
  test('masks a known secret whatever stands around it', () => {
    const secret = fc
      .string({ minLength: 8, maxLength: 40 })
      .filter((text) => text.trim().length > 7);
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (key, before, after) => {
        fc.pre(!before.includes(key) && !after.includes(key) && !'(masked)'.includes(key));
        const masked = maskSecretsIn(`${before}\n${key}\n${after}`, [key]);
        expect(masked.split('\n').includes(key)).toBe(false);
      }),
    );
  });

  test.each([
    ['vllm:prompt_tokens_total{engine="0"} 12345', 'vllm:prompt_tokens_total{engine="0"} 12345'],
    ['{"maxTokens": 12, "token": "abcdef"}', '{"maxTokens": 12, "token": (masked)}'],
    ['password: hunter2hunter2', 'password: (masked)'],
    ["{'AWS_SECRET_ACCESS_KEY': 'wJalrXUtnFEMI'}", "{'AWS_SECRET_ACCESS_KEY': (masked)}"],
    ['S3_SECRET_KEY=wJalrXUtnFEMI', 'S3_SECRET_KEY=(masked)'],
    ['"private_key": "abc123def"', '"private_key": (masked)'],
    ['id ASIAIOSFODNN7EXAMPLE', 'id (masked)'],
    ['docker login -p nvapi-abcDEF0123456789', 'docker login -p (masked)'],
    ['clone with github_pat_11ABCDEFG0123456789', 'clone with (masked)'],
    ['authorization: wJalrXUtnFEMI', 'authorization: (masked)'],
    ['Authorization: Bearer wJalrXUtnFEMI', 'Authorization: Bearer (masked)'],
    ['{"auth": "dXNlcjpwYXNzd29yZA=="}', '{"auth": (masked)}'],
    ['http://user:p@ss:w0rd@proxy:3128/x', 'http://user:(masked)@proxy:3128/x'],
    ['https://abcdef0123456789token@git.example/x', 'https://(masked)@git.example/x'],
    ['http://a.example/x, then me@b.example', 'http://a.example/x, then me@b.example'],
    ['sort_key=abc cache_key: block7', 'sort_key=abc cache_key: block7'],
    ['--api-key=abc,def', '--api-key=(masked),def'],
    ['"api_keys": ["one", "two"]', '"api_keys": (masked)'],
    ['automountServiceAccountToken: false', 'automountServiceAccountToken: false'],
    ['keySecret: { name: x, key: y }', 'keySecret: { name: x, key: y }'],
    ['"time-to-first-token": "10ms"', '"time-to-first-token": "10ms"'],
    ['#new-token: 2048, token usage: 0.12', '#new-token: 2048, token usage: 0.12'],
    ['GPU KV cache size: 812,992 tokens', 'GPU KV cache size: 812,992 tokens'],
    [
      'Maximum concurrency for 131,072 tokens per request',
      'Maximum concurrency for 131,072 tokens per request',
    ],
  ])('%s', (text, masked) => {
    expect(maskSecretsIn(text, [])).toBe(masked);
  });
});

test('secrets of a layout are values under secret names', () => {
  expect(secretsOfLayout(aDeployment().layout)).toEqual([
    canaries.hfToken,
    canaries.password,
    canaries.flag,
  ]);
});

describe('packArchive', () => {
  const files = new Map([
    ['b.txt', 'two'],
    ['a/deep/one.log', 'one\n'.repeat(10_000)],
    ['ü.txt', 'ä'],
  ]);

  test('equal files give equal bytes, whatever their order', async () => {
    const reversed = new Map([...files].toReversed());
    expect(Buffer.from(await packArchive(files)).equals(await packArchive(reversed))).toBe(true);
  });

  test('neither time nor system nor owner is in it', async () => {
    const archive = await packArchive(files);
    expect([...archive.subarray(4, 8), archive[9]]).toEqual([0, 0, 0, 0, 255]);
    const entries = await unpackTar(gunzipSync(archive));
    expect(entries.map(({ header }) => [header.name, header.mtime?.getTime(), header.uid])).toEqual(
      [
        ['a/deep/one.log', 0, 0],
        ['b.txt', 0, 0],
        ['ü.txt', 0, 0],
      ],
    );
    expect(new TextDecoder().decode(entries[0]?.data)).toBe('one\n'.repeat(10_000));
  });
});
