// `npm run check`: the gate before a commit. Every part runs, side by side, and a warning is a failure.
import { checkFigures } from './check/figures.ts'
import { checkLockFiles } from './check/lock-file.ts'
import { checkSamples } from './check/samples.ts'
import { checkSettings } from './check/settings.ts'
import { checkTypes } from './check/types.ts'
import { type Outcome, runTool } from './tool.ts'

const parts: Record<string, () => Promise<Outcome> | Outcome> = {
  'lock files': checkLockFiles,
  'types (tsc)': checkTypes,
  'lint (oxlint)': () => runTool('oxlint', ['--type-aware', '--deny-warnings']),
  'format (biome)': () => runTool('biome', ['check', '--error-on-warnings', '--max-diagnostics=50']),
  'dead code (knip)': () => runTool('knip', ['--no-progress']),
  figures: checkFigures,
  samples: checkSamples,
  settings: checkSettings,
}

const results = await Promise.all(
  Object.entries(parts).map(async ([name, check]) => {
    const started = performance.now()
    const { passed, output } = await check()
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const shown = name === 'figures' ? `\n${output}` : passed ? '' : `\n\n${output}\n`
    console.log(`${passed ? '✓' : '✗'} ${name} ${seconds} s${shown}`)
    return passed
  }),
)
const failed = results.filter((passed) => !passed).length
console.log(failed === 0 ? 'All checks passed.' : `${failed} of ${results.length} checks failed.`)
process.exitCode = failed === 0 ? 0 : 1
