/**
 * The guard's budgets: the cost of a guarded route compared with the same route without a guard, with a verification by
 * jose alone, and with Auth0's guard for Express. The servers have the first core, the load comes from another.
 *
 * A ratio compares all the processor time that the same requests take, garbage collection and worker threads included.
 * The two sides take turns, so that whatever else a machine does meets both, and what counts begins when both are
 * compiled: the guard is, last of all, after some 120,000 requests. Both are started several times, for the same program
 * is compiled a little differently in every process, and the median of the starts is the figure.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createTestIssuer, type TestIssuer } from '@rolecall/guard/testing'
import { tutorial } from '@rolecall/server/tutorial'
import { type Load, loadOn } from './guard/load.ts'
import { type BenchProcess, freePort, startOnCore } from './process.ts'
import { type BenchRow, median } from './results.ts'

export const starts = 5
const requestsPerTurn = 3_000
/** Turns that count, after those of the warm-up. */
const turns = 20
const fullWarmUp = 50
/** Turns until the verification of a token is compiled, which is most of what a cold one costs. */
const coldWarmUp = 20
const rotation = 2_000

type Variant =
  | 'fastify bare'
  | 'fastify guarded'
  | 'fastify live'
  | 'fastify with keys'
  | 'fastify jose'
  | 'express guarded'
  | 'express-oauth2-jwt-bearer'
  | 'hello world api'

interface Sides {
  of: Variant
  to: Variant
  /** How many the requests take in turn. As many as there are requests means that each has one never seen before. */
  tokens: number
  /** Turns that do not count yet. Default: until everything is compiled. */
  warmUp?: number
}

interface Comparison extends Sides {
  what: string
  atLeast: number
}

const comparisons: Comparison[] = [
  {
    what: 'Fastify, guarded ÷ unguarded route, one token',
    of: 'fastify guarded',
    to: 'fastify bare',
    tokens: 1,
    atLeast: 0.9,
  },
  {
    what: `Fastify, guarded ÷ unguarded route, ${rotation} tokens in rotation`,
    of: 'fastify guarded',
    to: 'fastify bare',
    tokens: rotation,
    atLeast: 0.9,
  },
  {
    what: 'Fastify, guard with cold tokens ÷ bare jose verification',
    of: 'fastify guarded',
    to: 'fastify jose',
    tokens: (coldWarmUp + turns) * requestsPerTurn,
    warmUp: coldWarmUp,
    atLeast: 0.95,
  },
  {
    what: 'Express, guard ÷ express-oauth2-jwt-bearer, one token',
    of: 'express guarded',
    to: 'express-oauth2-jwt-bearer',
    tokens: 1,
    atLeast: 3,
  },
  {
    what: `Express, guard ÷ express-oauth2-jwt-bearer, ${rotation} tokens in rotation`,
    of: 'express guarded',
    to: 'express-oauth2-jwt-bearer',
    tokens: rotation,
    atLeast: 3,
  },
  {
    what: 'Hello World API, admin route ÷ Express with express-oauth2-jwt-bearer',
    of: 'hello world api',
    to: 'express-oauth2-jwt-bearer',
    tokens: 1,
    atLeast: 4,
  },
]

/** @param only measure what has this in its name */
export async function* bench(only = ''): AsyncGenerator<BenchRow> {
  const issuer = await createTestIssuer({ audience: tutorial.api.identifier })
  await issuer.listen()
  await using stack = new AsyncDisposableStack()
  stack.defer(() => issuer.close())
  const asked = comparisons.filter(({ what }) => what.includes(only))
  const tokens = await mint(issuer, Math.max(0, ...asked.map((comparison) => comparison.tokens)))

  for (const comparison of asked) {
    const ratios: number[] = []
    for (let start = 0; start < starts; start += 1) {
      const [one, other] = await costsOf(comparison, issuer, tokens)
      ratios.push(other / one)
    }
    const { what, atLeast } = comparison
    const value = median(ratios)
    yield { what, value, unit: 'ratio', goal: `≥ ${atLeast.toFixed(2)}`, met: value >= atLeast }
  }
  yield await memory()
}

async function mint(issuer: TestIssuer, count: number): Promise<string[]> {
  const tokens: string[] = []
  while (tokens.length < count)
    tokens.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(100, count - tokens.length) }, (_, index) =>
          issuer.token({
            sub: `auth0|${tokens.length + index}`,
            scope: 'openid profile email',
            permissions: [tutorial.permission.value],
          }),
        ),
      )),
    )
  return tokens
}

/**
 * The processor time that the same requests take on each side, in microseconds. What a server does while the other has
 * its turn, such as receiving a heartbeat, belongs to no request and is not counted.
 */
export async function costsOf(
  { of, to, tokens: count, warmUp = fullWarmUp }: Sides,
  issuer: Pick<TestIssuer, 'issuer' | 'audience'>,
  tokens: readonly string[],
  env: Record<string, string> = {},
): Promise<[number, number]> {
  await using stack = new AsyncDisposableStack()
  const sent = tokens.slice(0, count)
  const sideOf = async (variant: Variant): Promise<Side> => {
    const server = stack.use(await startVariant(variant, issuer, env))
    const path = variant === 'hello world api' ? tutorial.routes.admin : '/message'
    return { server, load: stack.use(await loadOn(server.address, path, sent)) }
  }
  const sides = [await sideOf(of), await sideOf(to)] as const
  for (let turn = 0; turn < warmUp; turn += 1) for (const { load } of sides) await load.send(requestsPerTurn)
  const used: [number, number] = [0, 0]
  for (let turn = 0; turn < turns; turn += 1)
    for (const side of [0, 1] as const) {
      const before = await cost(sides[side])
      await sides[side].load.send(requestsPerTurn)
      used[side] += (await cost(sides[side])) - before
    }
  return used
}

interface Side {
  server: BenchProcess
  load: Load
}

async function startVariant(
  variant: Variant,
  { issuer, audience }: Pick<TestIssuer, 'issuer' | 'audience'>,
  more: Record<string, string>,
): Promise<BenchProcess> {
  const env = {
    VARIANT: variant,
    PORT: String(await freePort()),
    ISSUER: issuer,
    AUDIENCE: audience,
    ...more,
  }
  return startOnCore('bench/src/guard/server.ts', env)
}

/** The processor time a server has used so far, in microseconds. */
async function cost({ server }: Side): Promise<number> {
  return Number(await server.ask('how much?'))
}

async function memory(): Promise<BenchRow> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', 'bench/src/guard/memory.ts'])
  const value = numberIn(stdout, 'bytes') / 1e6
  const entries = numberIn(stdout, 'entries').toLocaleString('en')
  const what = `memory of ${entries} cached tokens of ${numberIn(stdout, 'length')} characters, one set of permissions`
  return { what, value, unit: 'MB', goal: '≤ 400', met: value <= 400 }
}

function numberIn(json: string, name: string): number {
  return Number(new Map(Object.entries(JSON.parse(json))).get(name))
}

if (import.meta.main) {
  for await (const row of bench(process.argv[2]))
    console.log(`${row.met ? '✓' : '✗'} ${row.what}: ${row.value.toFixed(3)} ${row.unit} (${row.goal})`)
}
