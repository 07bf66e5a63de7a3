/**
 * How to say that dsdeploy sets something itself.
 *
 * @param owner place in the spec that sets it, or `nothing: ` and why no place does
 */
export function explainOwner(
  what: string,
  owner: string,
): { readonly message: string; readonly hint: string } {
  const [, why] = /^nothing: (.*)$/.exec(owner) ?? [];
  if (why === undefined) {
    return {
      message: `${what}, which dsdeploy writes itself`,
      hint: `Remove it; it is set by ${owner}.`,
    };
  }
  return { message: `${what}, which is not for the user to set`, hint: `Remove it: ${why}.` };
}
