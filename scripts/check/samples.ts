import { differentStylesheets } from '../samples/stylesheet.ts'
import { staleVariantFiles } from '../samples/variants.ts'
import type { Outcome } from '../tool.ts'

/** Fails when a derived client, or a copy of the stylesheet, is not what `npm run samples` makes of the original. */
export async function checkSamples(): Promise<Outcome> {
  const stale = [...(await staleVariantFiles()), ...differentStylesheets()]
  const output = `Run \`npm run samples\`, and commit what it changes:\n${stale.map((path) => `  ${path}`).join('\n')}`
  return { passed: stale.length === 0, output }
}
