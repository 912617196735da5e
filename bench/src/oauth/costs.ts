/**
 * What a request costs the server, compared with a route that does only the necessary part of it. A cost is the processor
 * time of all threads of the process, garbage collection included. The two sides take turns, so that whatever else the
 * machine does falls on both, and turns count once both sides are compiled. Several starts are added up, because the same
 * program is compiled a little differently in each process.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchProcess } from '../process.ts'
import { type BenchRow, note } from '../results.ts'
import { connections, getting, type Load, posting, refreshing } from './load.ts'
import { logInOnce, refreshTokens, type Seeded, seed, startPeer, startServer } from './world.ts'

const starts = 3
/** A further start begins where it will have ended by then. */
const maxMinutes = 4.5
const turns = 5
/** On a machine that is busy with other work, a warm-up and the turns end then. */
const warmUpSeconds = 8
const turnsSeconds = 15
const browsers = 4

export interface Side {
  process: BenchProcess
  load: Load
}

interface Comparison {
  what: string
  /** The name of the request in the line that shows its cost alone. */
  request?: string
  of: Side
  to: Side
  /** Requests of each side in a turn, and before the turns that count. */
  perTurn: number
  warmUp: number
  goal: string
  met: (ratio: number) => boolean
  /** The cost of `to` divided by that of `of`, where the necessary part is `to`; or the other way round. */
  share: 'to ÷ of' | 'of ÷ to'
}

/** Microseconds for each request of both sides, the sum of the starts. */
interface Sum {
  comparison: Comparison
  starts: number
  of: number
  to: number
}

export async function costs(): Promise<BenchRow[]> {
  const sums = new Map<string, Sum>()
  const begun = performance.now()
  let longest = 0
  for (let start = 0; start < starts; start++) {
    const started = performance.now()
    if (start > 0 && started - begun + longest > maxMinutes * 60_000) {
      note(`no time for start ${start + 1}: the figures are of ${start}`)
      break
    }
    const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
    try {
      await measure(folder, sums, (what) => note(`start ${start + 1} of ${starts}: ${what}`))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    longest = Math.max(longest, performance.now() - started)
  }
  return [...sums.values()].flatMap(({ comparison, starts: counted, of, to }) => {
    const { what, request, goal, met, share } = comparison
    const value = share === 'to ÷ of' ? to / of : of / to
    const ratio: BenchRow = { what, value, unit: 'ratio', goal, met: met(value) }
    if (request === undefined) return [ratio]
    const milliseconds = of / counted / 1000
    return [
      ratio,
      { what: `processor time of ${request}`, value: milliseconds, unit: 'ms', goal: '–', met: true },
    ]
  })
}

async function measure(folder: string, sums: Map<string, Sum>, begin: (what: string) => void): Promise<void> {
  const seeded = await seed(folder)
  await using server = await startServer(seeded)
  await using peer = await startPeer()
  for (const comparison of await comparisonsOf(seeded, server, peer)) {
    begin(comparison.what)
    const { of, to } = await compare(comparison)
    const sum = sums.get(comparison.what) ?? { starts: 0, of: 0, to: 0 }
    const added = { starts: sum.starts + 1, of: sum.of + of, to: sum.to + to }
    sums.set(comparison.what, { comparison, ...added })
  }
}

async function comparisonsOf(
  seeded: Seeded,
  server: BenchProcess,
  peer: BenchProcess,
): Promise<Comparison[]> {
  const tokenUrl = `${server.address}oauth/token`
  const credentials = (alg: 'RS256' | 'ES256') => ({
    process: server,
    load: posting(tokenUrl, seeded.credentials[alg]),
  })
  const atPeer = (load: Load) => ({ process: peer, load })
  const signing = (alg: 'RS256' | 'ES256', atLeast: number, warmUp: number): Comparison => ({
    what: `client-credentials tokens, ${alg} ÷ a route that only signs`,
    request: `a client-credentials token, ${alg}`,
    of: credentials(alg),
    to: atPeer(posting(`${peer.address}sign/${alg}`, seeded.credentials[alg])),
    perTurn: 40 * connections,
    warmUp: warmUp * connections,
    goal: `≥ ${atLeast.toFixed(2)}`,
    met: (ratio) => ratio >= atLeast,
    share: 'to ÷ of',
  })
  const document = async (what: string, path: string): Promise<Comparison> => {
    const response = await fetch(server.address + path, { signal: AbortSignal.timeout(10_000) })
    const { length } = Buffer.from(await response.arrayBuffer())
    return {
      what: `${what} ÷ a static route`,
      of: { process: server, load: getting(server.address + path) },
      to: atPeer(getting(`${peer.address}text/${length}`)),
      perTurn: 100 * connections,
      warmUp: 200 * connections,
      goal: '≥ 0.60',
      met: (ratio) => ratio >= 0.6,
      share: 'to ÷ of',
    }
  }
  const logIns: Comparison = {
    what: 'a log-in with its page and tokens ÷ argon2id alone',
    request: 'a log-in, argon2id at 19 MiB and two passes',
    of: { process: server, load: loggingIn(seeded) },
    to: atPeer(posting(`${peer.address}argon2id`, {})),
    perTurn: connections,
    warmUp: 6 * connections,
    goal: '≤ 1.30',
    met: (ratio) => ratio <= 1.3,
    share: 'of ÷ to',
  }
  const refreshes: Comparison = {
    what: 'a refresh ÷ client credentials',
    request: 'a refresh, which signs twice',
    of: { process: server, load: refreshing(tokenUrl, seeded.spaId, await refreshTokens(seeded)) },
    to: credentials('RS256'),
    perTurn: 20 * connections,
    warmUp: 100 * connections,
    goal: '≤ 2.20',
    met: (ratio) => ratio <= 2.2,
    share: 'of ÷ to',
  }
  return [
    signing('RS256', 0.7, 200),
    // Most of its code is compiled by then.
    signing('ES256', 0.35, 50),
    refreshes,
    logIns,
    await document('discovery', '.well-known/openid-configuration'),
    await document('JWKS', '.well-known/jwks.json'),
  ]
}

function loggingIn(seeded: Seeded): Load {
  return {
    async send(count) {
      let begun = 0
      const browse = async (): Promise<void> => {
        while (begun++ < count) await logInOnce(seeded)
      }
      await Promise.all(Array.from({ length: browsers }, browse))
    },
  }
}

/** @returns microseconds for each request of both sides */
export async function compare({
  of,
  to,
  perTurn,
  warmUp,
}: Pick<Comparison, 'of' | 'to' | 'perTurn' | 'warmUp'>): Promise<{ of: number; to: number }> {
  for (const { load } of [of, to]) {
    const until = performance.now() + warmUpSeconds * 1000
    for (let sent = 0; sent < warmUp && performance.now() < until; sent += perTurn) await load.send(perTurn)
  }
  const used = { of: 0, to: 0 }
  const until = performance.now() + turnsSeconds * 1000
  let turn = 0
  for (; turn < turns && (turn === 0 || performance.now() < until); turn++) {
    used.of += await costOf(of, perTurn)
    used.to += await costOf(to, perTurn)
  }
  return { of: used.of / (turn * perTurn), to: used.to / (turn * perTurn) }
}

async function costOf({ process, load }: Side, count: number): Promise<number> {
  const before = await microseconds(process)
  await load.send(count)
  return (await microseconds(process)) - before
}

async function microseconds(process: BenchProcess): Promise<number> {
  return numberIn(await process.ask('usage'), 'microseconds')
}

/** A member of what `usage.ts` answers. */
export function numberIn(answer: unknown, name: 'microseconds' | 'residentBytes'): number {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined
  if (typeof value !== 'number') throw new Error(`There is no ${name} in ${JSON.stringify(answer)}`)
  return value
}
