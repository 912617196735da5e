// `npm run chaos`: breaks a cluster while requests are sent, and counts. See `npm run chaos -- --help`.
import { parseArgs } from 'node:util'
import { findPrograms, requirePrograms } from './cluster/packages.ts'
import { signals } from './install.js'
import { StartProblem } from './start/problem.ts'

const stop = new AbortController()
for (const signal of signals) process.on(signal, () => stop.abort())
try {
  const options = readOptions()
  // With PgBouncer where it is installed.
  const programs = findPrograms({ pgbouncer: true }).programs ?? requirePrograms({ pgbouncer: false })
  // Loaded only now: it brings the server's store with it.
  const { runChaos } = await import('./chaos/run.ts')
  const { isBad, renderTable } = await import('./chaos/table.ts')
  const rows = await runChaos(programs, { ...options, stop: stop.signal })
  console.log(`\n${renderTable(rows)}`)
  if (rows.some(isBad) || stop.signal.aborted) process.exitCode = 1
} catch (error) {
  if (!(error instanceof StartProblem)) throw error
  console.error(error.message)
  process.exitCode = 1
}
process.exit()

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '20' },
      },
    })
    const rounds = Number(values.rounds)
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new StartProblem(`--rounds is ${JSON.stringify(values.rounds)}: it must be a whole number.`)
    return { only: values.only?.split(','), rounds }
  } catch (error) {
    if (error instanceof StartProblem) throw error
    const reason = error instanceof Error ? error.message.split(/\.(\s|$)/)[0] : String(error)
    throw new StartProblem(`${reason}: see \`npm run chaos -- --help\`.`)
  }
}
