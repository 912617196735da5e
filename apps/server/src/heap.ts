import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Frees the memory that only the start needs: module sources, parsers, half of the young generation. Otherwise about
 * 10 MB of 140 stay allocated for hours on an idle server. Takes about 50 ms, so it runs before the first request.
 */
export function collectAfterStart(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
