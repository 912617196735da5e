// `npm run fuzz`: sends generated requests to every route and endpoint, on both stores, and prints what was answered.
import { parseArgs } from 'node:util'
import { allEndpoints, type FuzzResult, fuzz } from '@rolecall/server/test-kit/fuzz/fuzz'
import { openWorld } from '@rolecall/server/test-kit/fuzz/world'
import { startTestPostgres, stores } from '@rolecall/server/test-kit/store'

const usage = `npm run fuzz -- [options]

  --requests <n>  requests to each route and endpoint (1000)
  --seed <n>      the seed of the generated requests (random); the table ends with it
  --route <text>  only routes whose name contains the text, such as "POST /api/v2/users" or "/oauth/token"
  --help          this text

Each failure is printed with the smallest request found that shows it. The same seed and route send the same requests.
`

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    route: { type: 'string', default: '' },
    help: { type: 'boolean' },
  },
})
const requests = Number(values.requests)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)

if (values.help) console.log(usage)
else if (!Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
  console.error(usage)
  process.exitCode = 2
} else await run()

async function run(): Promise<void> {
  const needsPostgres = stores.some(({ name }) => name === 'PostgreSQL')
  const postgres = needsPostgres ? await startTestPostgres() : undefined
  if (postgres) process.env.ROLECALL_TEST_POSTGRES_URL ??= postgres.url
  try {
    for (const store of stores) await runOn(store)
  } finally {
    await postgres?.stop()
  }
  console.log(`Seed ${seed}`)
}

async function runOn(store: (typeof stores)[number]): Promise<void> {
  const results: FuzzResult[] = []
  const world = await openWorld(store)
  try {
    const endpoints = (await allEndpoints(world)).filter(({ name }) => name.includes(values.route))
    if (endpoints.length === 0) throw new Error(`No route has ${values.route} in its name.`)
    console.log(`\n${store.name}: ${endpoints.length} routes and endpoints, ${requests} requests each`)
    for (const endpoint of endpoints) {
      const result = await fuzz(world, endpoint, { requests, seed })
      results.push(result)
      console.log(describe(result))
    }
  } finally {
    await world.close()
  }
  const failed = results.filter(({ failure }) => failure !== undefined)
  if (failed.length > 0) process.exitCode = 1
  console.log(describe(sum(results)))
  console.log(`${store.name}: ${failed.length} of ${results.length} routes and endpoints failed`)
}

function describe({ name, requests: sent, statuses, failure }: FuzzResult): string {
  const counts = [...statuses].toSorted(([one], [other]) => one - other)
  const seen = counts.map(([status, times]) => `${status}×${times}`).join(' ')
  const line = `${name.padEnd(66)} ${String(sent).padStart(7)}  ${seen}`
  return failure === undefined ? line : `${line}\n  ✗ ${failure.replaceAll('\n', '\n    ')}`
}

function sum(results: readonly FuzzResult[]): FuzzResult {
  const statuses = new Map<number, number>()
  for (const result of results)
    for (const [status, times] of result.statuses) statuses.set(status, (statuses.get(status) ?? 0) + times)
  return { name: 'all', requests: results.reduce((total, one) => total + one.requests, 0), statuses }
}
