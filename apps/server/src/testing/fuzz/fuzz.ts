import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { accountEndpoints } from './account-endpoints.ts'
import { keyEndpoints } from './key-endpoints.ts'
import { managementEndpoints, type OpenApi } from './management-endpoints.ts'
import { oauthEndpoints } from './oauth-endpoints.ts'
import { type Endpoint, type FuzzRequest, fillIn, send } from './request.ts'
import type { World } from './world.ts'

export interface FuzzResult {
  name: string
  requests: number
  /** How often each status was answered. */
  statuses: Map<number, number>
  /** What went wrong, with the smallest request that shows it. */
  failure?: string
}

export interface FuzzOptions {
  requests: number
  seed: number
}

/** Requests that a shrinking counter-example may take. */
const shrinkRequests = 150
const minSuccessShare = 0.05
/** Fewer requests may all be refused by chance. */
const minRequestsToJudge = 50
const maxLimitedShare = 0.5

/** The routes of the OpenAPI document, and the OAuth endpoints and pages. */
export async function allEndpoints({ issuer }: World): Promise<Endpoint[]> {
  const { text } = await send(issuer, { method: 'GET', target: '/api/v2/openapi.json', headers: {} })
  return [
    ...managementEndpoints(JSON.parse(text) as OpenApi),
    ...oauthEndpoints(),
    ...keyEndpoints(),
    ...accountEndpoints(),
  ]
}

/** Sends generated requests to one endpoint and checks each answer. */
export async function fuzz(world: World, endpoint: Endpoint, options: FuzzOptions): Promise<FuzzResult> {
  const statuses = new Map<number, number>()
  let sent = 0
  let failed: number | undefined
  // Requests that shrink a counter-example are not counted.
  const holds = async (request: FuzzRequest) => {
    const shrinking = failed !== undefined
    if (shrinking && sent - failed! > shrinkRequests) return
    sent++
    const problem = await problemOf(world, endpoint, request, (status) => {
      if (!shrinking) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    })
    if (problem === undefined) return
    failed ??= sent
    throw new Error(problem)
  }
  const outcome = await fc.check(fc.asyncProperty(endpoint.requests, holds), {
    numRuns: options.requests,
    // An endpoint has the same requests whichever others run.
    seed: options.seed ^ createHash('sha256').update(endpoint.name).digest().readInt32BE(),
  })
  if (/factor-policy|guardian/.test(endpoint.name)) await world.resetFactorPolicy()
  const result = { name: endpoint.name, requests: failed ?? sent, statuses }
  if (outcome.failed) return { ...result, failure: describe(outcome) }
  const failure = whyVacuous(result, endpoint)
  return failure === undefined ? result : { ...result, failure }
}

function describe({ errorInstance, counterexample }: fc.RunDetails<[FuzzRequest]>): string {
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return `${message}\n${JSON.stringify(counterexample?.[0], undefined, 2)}`
}

/** Why the requests say little: what is refused at the door does not reach the rules behind it. */
function whyVacuous({ requests, statuses }: FuzzResult, endpoint: Endpoint): string | undefined {
  const isSuccess = endpoint.isSuccess ?? ((status) => status >= 200 && status < 300)
  let succeeded = 0
  for (const [status, times] of statuses) if (isSuccess(status)) succeeded += times
  if (requests < minRequestsToJudge) return undefined
  if (!endpoint.neverSucceeds && succeeded < requests * minSuccessShare)
    return `only ${succeeded} of ${requests} requests succeeded`
  const limited = statuses.get(429) ?? 0
  return limited > requests * maxLimitedShare
    ? `${limited} of ${requests} requests were rate limited`
    : undefined
}

async function problemOf(
  world: World,
  endpoint: Endpoint,
  request: FuzzRequest,
  count: (status: number) => void,
): Promise<string | undefined> {
  // What is deleted or used up must be new each time.
  const uses = request.method === 'DELETE' || endpoint.usesUp ? 1 : 15
  const filled = await fillIn(request, (kind) => world.find(kind, uses))
  filled.headers['x-forwarded-for'] = nextAddress()
  let answer: Awaited<ReturnType<typeof send>>
  try {
    answer = await send(world.issuer, filled)
  } catch (error) {
    return `no answer: ${error instanceof Error ? error.message : String(error)}`
  }
  count(answer.status)
  if (answer.status >= 500) return `${answer.status} ${answer.text.slice(0, 300)}`
  // Other tests cover the rate limits.
  if (answer.status === 429) return undefined
  const problem = endpoint.check(answer)
  return problem === undefined ? undefined : `${answer.status}: ${problem}`
}

let addresses = 0

function nextAddress(): string {
  const number = addresses++
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
}
