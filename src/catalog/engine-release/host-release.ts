/**
 * The vLLM release that a release of vllm-ascend is a plug-in of: that of the same number, without the mark of
 * a candidate or a post release.
 *
 * @source vllm-ascend docs/source/community/versioning_policy.md and `VLLM_TAG` of its Dockerfiles
 */
export function hostRelease(version: string): string {
  return version.replace(/(?:rc|\.post)\d+$/, '');
}
