import type { AccessRequest, Cluster } from '../../cluster/cluster.ts';
import type { AccessRule, Verb } from '../../plan/index.ts';
import type { DeniedRight } from './facts.ts';

interface Question {
  readonly request: AccessRequest & { readonly verb: Verb };
  readonly rule: AccessRule;
}

/** Purposes in the order of their weight: a right is told under the first that needs it. */
const weight = ['plan', 'apply', 'prune', 'health', 'destroy', 'explain'] as const;

/**
 * Asks the server which of the rights the user lacks. Rights on named objects are asked for the whole
 * resource first, which costs one question instead of one per name where the user has them all.
 * Rights that only explain are not asked for: their reading tells it.
 */
export async function findDeniedRights(
  rules: readonly AccessRule[],
  { cluster }: { readonly cluster: Pick<Cluster, 'findDenied'> },
): Promise<DeniedRight[]> {
  const questions = distinct(
    rules
      .filter(({ purpose }) => purpose !== 'explain')
      .toSorted((a, b) => weight.indexOf(a.purpose) - weight.indexOf(b.purpose))
      .flatMap((rule) => rule.verbs.map((verb) => ({ rule, request: toRequest(rule, verb) }))),
  );
  const denied = await ask(questions, cluster);
  const unnamed = denied.filter(({ rule }) => rule.names === undefined);
  const named = denied.flatMap(({ rule, request }) =>
    (rule.names ?? []).map((name) => ({ rule, request: { ...request, name } })),
  );
  const stillDenied = [...unnamed, ...(await ask(named, cluster))];
  return stillDenied.map(({ rule, request }) => ({
    verb: request.verb,
    rule,
    ...(request.name === undefined ? {} : { name: request.name }),
  }));
}

async function ask(
  questions: readonly Question[],
  cluster: Pick<Cluster, 'findDenied'>,
): Promise<Question[]> {
  if (questions.length === 0) return [];
  const denied = new Set(
    (await cluster.findDenied(questions.map(({ request }) => request))).map(keyOf),
  );
  return questions.filter(({ request }) => denied.has(keyOf(request)));
}

function toRequest({ group, resource, namespace }: AccessRule, verb: Verb): Question['request'] {
  return { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) };
}

/** Keeps the first question of each sort; names count only where no rule asks for all names. */
function distinct(questions: readonly Question[]): Question[] {
  const seen = new Map<string, Question>();
  for (const question of questions) {
    const key = `${keyOf(question.request)}|${(question.rule.names ?? []).join(',')}`;
    if (!seen.has(key)) seen.set(key, question);
  }
  return [...seen.values()];
}

function keyOf({ verb, group, resource, namespace = '', name = '' }: AccessRequest): string {
  return [verb, group, resource, namespace, name].join('|');
}
