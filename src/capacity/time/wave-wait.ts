/**
 * Mean wait of `requests` that arrive at random within `windowSeconds` at one server that needs
 * `serviceSeconds` for each; seconds.
 *
 * With a fixed number of requests in flight and similar lengths, requests end and restart in waves:
 * the window is the spread of their run times. Below saturation the wait is short, far above it is
 * half the backlog, and at saturation it grows with the square root of the number of requests.
 */
export function waveWaitSeconds(
  requests: number,
  serviceSeconds: number,
  windowSeconds: number,
): number {
  if (requests <= 1 || serviceSeconds === 0) return 0;
  const workSeconds = requests * serviceSeconds;
  const backlog = (requests * (1 - windowSeconds / workSeconds)) / 2;
  // At critical load workload is a reflected Brownian bridge: 0.45 is its mean, rounded.
  const noise = requests * 0.45 ** 2;
  return serviceSeconds * (backlog / 2 + Math.sqrt((backlog / 2) ** 2 + noise));
}
