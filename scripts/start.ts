// `npm start`: the whole system with one command. See `npm start -- --help`.
import { readFileSync } from 'node:fs'
import { signals } from './install.js'
import { clientNames } from './start/clients.ts'
import { readOptions } from './start/options.ts'
import { StartProblem } from './start/problem.ts'

const asked = new Promise<void>((resolve) => {
  for (const signal of signals) process.on(signal, () => resolve())
})
try {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options.help) process.stdout.write(readFileSync(new URL('start.help.txt', import.meta.url)))
  else if (options.listClients) console.log(clientNames.join('\n'))
  else {
    // Loaded only now: it brings the server's store with it.
    const { runSystem } = await import('./start/system.ts')
    await runSystem(options, asked)
  }
} catch (error) {
  if (!(error instanceof StartProblem)) throw error
  console.error(error.message)
  process.exitCode = 1
}
// Asked to end in the middle of starting, a build may still be running: it ends with this process.
process.exit()
