import { isReferenceCurrent } from '../settings/reference.ts'
import type { Outcome } from '../tool.ts'

/** Fails when the table of settings is not what `npm run settings` makes of apps/server/src/config.ts. */
export function checkSettings(): Outcome {
  const passed = isReferenceCurrent()
  return { passed, output: passed ? '' : 'Run `npm run settings`, and commit what it changes.' }
}
