// `npm run cluster`: two Rolecall nodes on a PostgreSQL cluster, on this machine. See `npm run cluster -- --help`.
import { parseArgs } from 'node:util'
import { requirePrograms } from './cluster/packages.ts'
import { signals } from './install.js'
import { StartProblem } from './start/problem.ts'

const asked = new Promise<void>((resolve) => {
  for (const signal of signals) process.on(signal, () => resolve())
})
try {
  const { port, pgbouncer } = readOptions()
  const programs = requirePrograms({ pgbouncer })
  // Loaded only now: they bring the server's store with them.
  const { Cluster } = await import('./cluster/cluster.ts')
  const { describeCluster } = await import('./cluster/describe.ts')
  const cluster = new Cluster(programs, { port, pooled: pgbouncer ? ['node1', 'node2'] : [] })
  try {
    await Promise.race([asked, start(cluster, describeCluster)])
    await asked
    console.log('Stopping everything and deleting its data.')
  } finally {
    await cluster.stop()
  }
} catch (error) {
  if (!(error instanceof StartProblem)) throw error
  console.error(error.message)
  process.exitCode = 1
}
process.exit()

async function start(
  cluster: import('./cluster/cluster.ts').Cluster,
  describe: typeof import('./cluster/describe.ts').describeCluster,
): Promise<void> {
  cluster.onProgress((step) => console.log(step))
  const credentials = await cluster.start()
  console.log(`\n${describe(cluster, credentials)}`)
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string', default: '5050' }, pgbouncer: { type: 'boolean', default: false } },
    })
    const port = Number(values.port)
    if (Number.isInteger(port) && port > 0 && port < 65_536) return { port, pgbouncer: values.pgbouncer }
    throw new StartProblem(`--port is ${JSON.stringify(values.port)}: it must be a number from 1 to 65535.`)
  } catch (error) {
    if (error instanceof StartProblem) throw error
    const reason = error instanceof Error ? error.message.split(/\.(\s|$)/)[0] : String(error)
    throw new StartProblem(`${reason}: see \`npm run cluster -- --help\`.`)
  }
}
