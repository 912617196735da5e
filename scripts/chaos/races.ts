import {
  authorizationRequest,
  callback,
  destination,
  logIn,
  redeem,
  requestToken,
  type TokenAnswer,
} from '@rolecall/server/test-kit'
import type { Cluster } from '../cluster/cluster.ts'
import type { Credentials } from '../start/credentials.ts'
import type { Outcome } from './recorder.ts'

const parallel = 50

/**
 * Uses one code, and one refresh token, 50 times at once, half of them at each node. Each round is of another network,
 * because refused requests are limited by network.
 * @returns how many rounds there were
 */
export async function runRaces(
  { nodes, issuer }: Cluster,
  { applications, users }: Credentials,
  outcome: Outcome,
  { rounds, stop, report }: { rounds: number; stop: AbortSignal; report: (done: number) => void },
): Promise<number> {
  const clientId = applications.spa.client_id
  const { browser } = await logIn({ issuer }, clientId, users.admin.email, {}, users.admin.password)

  async function race(what: string, params: Record<string, string>, headers: Record<string, string>) {
    const answers = await Promise.all(
      Array.from({ length: parallel }, (_, place) =>
        requestToken({ issuer: nodes[place % nodes.length]?.url ?? issuer }, params, headers),
      ),
    )
    outcome.requests += parallel
    count(outcome, what, answers)
    return answers.find(({ status }) => status === 200)
  }

  let round = 0
  for (; round < rounds && !stop.aborted; round++) {
    const headers = { 'x-forwarded-for': `10.${round >> 16}.${(round >> 8) & 255}.${round & 255}` }
    const newCode = async () => {
      const request = authorizationRequest({ issuer }, clientId, { prompt: 'none' })
      const code = destination(await browser.open(request.url)).searchParams.get('code') ?? ''
      return { code, request }
    }
    const { code, request } = await newCode()
    await race(
      'code',
      {
        grant_type: 'authorization_code',
        client_id: clientId,
        code,
        redirect_uri: callback,
        code_verifier: request.verifier,
      },
      headers,
    )
    // The parallel uses of the code have ended what was issued for it.
    const { body } = await redeem({ issuer }, clientId, await newCode())
    await race(
      'refresh token',
      { grant_type: 'refresh_token', client_id: clientId, refresh_token: body.refresh_token },
      headers,
    )
    if ((round + 1) % 50 === 0) report(round + 1)
  }
  return round
}

/** One winner, and the others are refused with invalid_grant. */
function count(outcome: Outcome, what: string, answers: TokenAnswer[]): void {
  const winners = answers.filter(({ status }) => status === 200).length
  if (winners > 1) outcome.usedTwice.push(`${what}, ${winners} times`)
  const note = (problem: string) =>
    outcome.errors.set(`${what} ${problem}`, (outcome.errors.get(`${what} ${problem}`) ?? 0) + 1)
  if (winners === 0) note('without a winner')
  for (const { status, body } of answers)
    if (status !== 200 && !(status === 403 && body.error === 'invalid_grant')) note(String(status))
}
