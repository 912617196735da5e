import type { ApplicationSecret } from '@rolecall/contract'

const recentMilliseconds = 86_400_000

/** When a secret was last used, if that was within the last 24 hours. */
export function recentUse(
  secrets: readonly ApplicationSecret[],
  kind: ApplicationSecret['kind'],
  now: number,
): string | undefined {
  const used = secrets.find((secret) => secret.kind === kind)?.last_used_at
  return used && now - Date.parse(used) < recentMilliseconds ? used : undefined
}
