import { hostname, userInfo } from 'node:os';

/** Login and host of whoever runs this process, as the history names them. */
export function readOperator(): string {
  return `${readLogin()}@${hostname()}`;
}

function readLogin(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run with a user id that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}
