/** How long others wait while many people log in: server, browsers and these requests share all cores. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refresh } from '@rolecall/server/test-kit'
import { freePort, startOnCores, within } from '../process.ts'
import { type BenchRow, note } from '../results.ts'
import { numberIn } from './costs.ts'
import { logInOnce, type Seeded, seed, startServerOnCores } from './world.ts'

const browsers = 200
const seconds = 20
const endSeconds = 90
const requestSeconds = 10
const maxMegabytes = 300

export async function responsiveness(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
  try {
    note(`${browsers} log-ins at a time, for ${seconds} seconds`)
    return await measure(await seed(folder))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(seeded: Seeded): Promise<BenchRow[]> {
  const { issuer, spaId } = seeded
  await using server = await startServerOnCores(seeded)
  await using crowd = await startOnCores('bench/src/oauth/crowd.ts', {
    PORT: String(await freePort()),
    ISSUER: issuer,
    CLIENT_ID: spaId,
    BROWSERS: String(browsers),
  })
  let token = ''
  for (let round = 0; round < 50; round++) token = await logInOnce(seeded)

  const over = new AbortController()
  const logIns = crowd.ask(String(seconds), endSeconds).finally(() => over.abort())
  const repeat = async (request: () => Promise<void>): Promise<number[]> => {
    const times: number[] = []
    while (!over.signal.aborted) {
      const started = performance.now()
      await within(requestSeconds, 'a request meanwhile', request())
      times.push(performance.now() - started)
    }
    return times
  }
  const jwks = repeat(async () => {
    const response = await fetch(`${issuer}.well-known/jwks.json`)
    await response.arrayBuffer()
  })
  const refreshes = repeat(async () => {
    const { status, body } = await refresh({ issuer }, spaId, token)
    if (status !== 200) throw new Error(`A refresh was answered with ${status}: ${body.error_description}`)
    token = body.refresh_token
  })
  const [completed, jwksTimes, refreshTimes] = await Promise.all([logIns, jwks, refreshes])
  if (!(Number(completed) > 0)) throw new Error('nobody was logged in')
  const megabytes = numberIn(await server.ask('usage'), 'residentBytes') / 1e6
  const during = `during ${browsers} log-ins at a time`
  return [
    p99(`JWKS ${during}, p99`, jwksTimes),
    p99(`a refresh ${during}, p99`, refreshTimes),
    {
      what: 'log-ins meanwhile',
      value: Number(completed) / seconds,
      unit: 'per second',
      goal: '–',
      met: true,
    },
    {
      what: 'resident memory of the server afterwards',
      value: megabytes,
      unit: 'MB',
      goal: `≤ ${maxMegabytes}`,
      met: megabytes <= maxMegabytes,
    },
  ]
}

function p99(what: string, times: readonly number[]): BenchRow {
  const value = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN
  return { what: `${what} of ${times.length}`, value, unit: 'ms', goal: '< 200', met: value < 200 }
}
