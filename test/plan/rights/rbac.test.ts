import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/index.ts';
import { accessRoles, accessRules, renderRole } from '../../../src/plan/index.ts';
import {
  configMap,
  deployment,
  leaderWorkerSet,
  namespaceManifest,
} from '../../actions/fixture-deployment.ts';

const secret: Manifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'v32-key', namespace: 'llm' },
};

const rules = accessRules({
  deployment,
  manifests: [namespaceManifest, configMap('v32-start'), secret, leaderWorkerSet()],
  createNamespace: true,
  referred: [
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'llm', name: 'weights' },
  ],
  keySecret: 'v32-key',
  namespaceKinds: [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }],
});

interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

function policyOf(role: (typeof accessRoles)[number], namespaceExists = true): string[] {
  const subject = { kind: 'User', name: 'ann' } as const;
  const manifests = renderRole(rules, { deployment, role, subject, namespaceExists });
  return manifests
    .filter(({ kind }) => !kind.endsWith('Binding'))
    .flatMap(({ kind, rules: given }) =>
      (given as readonly PolicyRule[]).map(({ resources, resourceNames = [], verbs }) =>
        [kind, ...resources, ...resourceNames, verbs.join(',')].join(' '),
      ),
    );
}

describe('renderRole()', () => {
  test('gives view-plan what a dry-run and health need, and no delete', () => {
    const policy = policyOf('view-plan');
    expect(policy).toContain('Role leaderworkersets get,list,watch,create,patch');
    expect(policy).toContain('Role configmaps get,list,create,patch');
    expect(policy).toContain('ClusterRole namespaces llm get,create,patch');
    expect(policy.filter((rule) => rule.includes('delete'))).toEqual([]);
  });

  test('names Secrets, claims and namespaces, so that others stay closed', () => {
    const policy = policyOf('apply');
    expect(policy.filter((rule) => rule.includes(' secrets'))).toEqual([
      'Role secrets v32-key get,create,patch,delete',
    ]);
    expect(policy).toContain('Role persistentvolumeclaims weights get');
    expect(policy).toContain('ClusterRole namespaces kube-system get');
  });

  test.each(['apply', 'destroy'] as const)(
    'lets %s hold the lock of its deployment only',
    (role) => {
      expect(policyOf(role).filter((rule) => rule.includes('lease'))).toEqual([
        'Role leases v32-lock get,create,patch,delete',
      ]);
    },
  );

  test('lets destroy list what may lie in a namespace of ours', () => {
    expect(policyOf('destroy')).toContain('Role ingresses list');
    expect(policyOf('destroy')).toContain('ClusterRole namespaces llm get,delete');
  });

  test('puts everything into a ClusterRole while the namespace is not there', () => {
    expect(policyOf('apply', false).every((rule) => rule.startsWith('ClusterRole '))).toBe(true);
  });

  test.each(accessRoles)('%s has no wildcard and no verb twice', (role) => {
    const text = JSON.stringify(
      renderRole(rules, {
        deployment,
        role,
        subject: { kind: 'Group', name: 'ops' },
        namespaceExists: true,
      }),
    );
    expect(text).not.toContain('*');
    for (const rule of policyOf(role)) {
      const verbs = rule.split(' ').at(-1)?.split(',') ?? [];
      expect(new Set(verbs).size).toBe(verbs.length);
    }
  });
});
