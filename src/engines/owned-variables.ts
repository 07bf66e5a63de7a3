import { explainOwner } from './owner.ts';
import type { Reason } from './reason.ts';

/** Rules the user's variables break that dsdeploy sets for each pod, by name with what sets them. */
export function checkOwnedVariables(
  extraEnv: Readonly<Record<string, string>>,
  owned: Readonly<Partial<Record<string, string>>>,
): Reason[] {
  return Object.keys(extraEnv).flatMap((name) => {
    const owner = owned[name];
    if (owner === undefined) return [];
    return [
      {
        code: 'ENGINE_ENV_OWNED',
        ...explainOwner(`extraEnv sets ${name}`, owner),
        source: 'one value for all pods of a group cannot name each of them',
      },
    ];
  });
}
