// `npm run bench`: the budgets of the design, measured on this machine. `npm run bench -- guard` runs one part.
import { availableParallelism, cpus } from 'node:os'
import { bench as authorization } from './authorization.ts'
import { bench as dashboard } from './dashboard.ts'
import { bench as guard } from './guard.ts'
import { bench as hostile } from './hostile.ts'
import { bench as userImport } from './import.ts'
import { bench as live } from './live.ts'
import { bench as oauth } from './oauth.ts'
import { bench as plan } from './plan.ts'
import { bench as rbac } from './rbac.ts'
import type { BenchRow } from './results.ts'
import { bench as scale } from './scale.ts'
import { bench as start } from './start.ts'
import { bench as store } from './store.ts'

/** A part that takes minutes hands over each line as soon as it has it. */
const parts: Record<string, () => Promise<BenchRow[]> | AsyncIterable<BenchRow>> = {
  start,
  guard,
  store,
  oauth,
  rbac,
  live,
  authorization,
  plan,
  import: userImport,
  dashboard,
  hostile,
  scale,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} here: choose from ${Object.keys(parts).join(', ')}.`)
  process.exit(1)
}
console.log(
  `Node.js ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}\n`,
)
for (const [name, bench] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.log(name)
  for await (const { what, value, unit, goal, met } of await bench()) {
    const shown = `${value.toFixed(unit === 'ratio' || value < 10 ? 2 : 0)}${unit === 'ratio' ? '' : ` ${unit}`}`
    console.log(`  ${met ? '✓' : '✗'} ${what.padEnd(76)} ${shown.padStart(16)}  goal ${goal}`)
  }
}
