/** An autoscaler that decides how many copies of a group there are. */
export interface Scaling {
  /** `HorizontalPodAutoscaler/llm/v32`, or `a HorizontalPodAutoscaler` when it may not be listed. */
  readonly by: string;
  /** Copies it wants now. */
  readonly replicas: number;
  /** Copies in the spec. */
  readonly specReplicas: number;
}
