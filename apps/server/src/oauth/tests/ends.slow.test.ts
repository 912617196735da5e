import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { issueTicket } from '../../accounts/tickets.ts'
import { createApplication } from '../../applications/applications.ts'
import { untilTheEnd } from '../../management/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser } from '../../testing/browser.ts'
import { managementCaller, nodesKinds } from '../../testing/nodes.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  authorizationRequest,
  callback,
  destination,
  password as firstPassword,
  logIn,
  redeem,
  refresh,
  requestToken,
} from '../../testing/tutorial.ts'

/** `npm run races -- --rounds 200` runs more of them. */
const rounds = Number(process.env.ROLECALL_RACE_ROUNDS ?? 20)
const parallel = 4
const limit = { timeout: 60_000 + rounds * 10_000 }

interface Code {
  code: string
  verifier: string
}

for (const kind of nodesKinds) {
  describe(`What is in use ends on ${kind.name}`, () => {
    const cleanup = untilTheEnd()
    const server = tutorialServer(kind)
    let nodes: string[]
    let manage: Awaited<ReturnType<typeof managementCaller>>
    let password = firstPassword
    let changes = 0
    before(async () => {
      nodes = await kind.addresses(cleanup, server)
      manage = await managementCaller(server)
    })

    const user = () => `/users/${encodeURIComponent(server.member.userId)}`
    const node = (index: number) => ({ issuer: nodes[index % nodes.length] ?? server.issuer })
    const newPassword = () => (password = `${firstPassword} ${++changes}`)

    async function useResetLink(): Promise<void> {
      const { userId, email } = server.member
      const ticket = { purpose: 'reset_password', userId, email, markEmailVerified: false } as const
      const browser = new Browser(server.issuer)
      const page = await browser.open(
        await transaction(server.ctx, (tx) => issueTicket(tx, server.ctx.config.issuer, ticket, 60)),
      )
      const done = await browser.submit(page, { password: newPassword() })
      assert.equal(done.status, 200, done.text)
    }

    async function blockAndUnblock(): Promise<void> {
      await manage('PATCH', user(), { blocked: true })
      await manage('PATCH', user(), { blocked: false })
    }

    const endsOfUser: Record<string, () => Promise<unknown>> = {
      'a new password': () => manage('PATCH', user(), { password: newPassword() }),
      'a reset link': useResetLink,
      'revoke-access': () => manage('POST', `${user()}/revoke-access`),
      'a block': blockAndUnblock,
    }

    const endsOfSession: Record<string, (browser: Browser) => Promise<unknown>> = {
      ...endsOfUser,
      'DELETE …/sessions': () => manage('DELETE', `${user()}/sessions`),
      '/v2/logout': (browser) => browser.open('/v2/logout'),
    }
    for (const [name, end] of Object.entries(endsOfSession))
      test(`a session by ${name}, with ${parallel} silent log-ins in flight`, limit, async () => {
        for (let round = 0; round < rounds; round++) {
          const { browser } = await logIn(server, server.clientId, 'member@example.com', {}, password)
          const cookie = browser.cookies.map((one) => `${one.name}=${one.value}`).join('; ')
          const ended = new AbortController()
          const codes: Code[] = []
          const inFlight = Array.from({ length: parallel }, async (_, index) => {
            do codes.push(...(await silentLogIn(index, cookie)))
            while (!ended.signal.aborted)
          })
          await end(browser)
          ended.abort()
          await Promise.all(inFlight)
          for (const index of nodes.keys())
            assert.deepEqual(
              await silentLogIn(index, cookie),
              [],
              `round ${round}: the old cookie gets codes`,
            )
          if (name in endsOfUser)
            for (const code of codes.slice(-parallel)) assert.equal(await redeemCode(code), 403)
        }
      })

    const endsOfToken: Record<string, (tokens: string[], clientId: string) => Promise<unknown>> = {
      ...endsOfUser,
      'DELETE …/refresh-tokens': () => manage('DELETE', `${user()}/refresh-tokens`),
      '/oauth/revoke': revoke,
      'the deletion of its application': (_tokens, clientId) => manage('DELETE', `/clients/${clientId}`),
    }
    for (const [name, end] of Object.entries(endsOfToken))
      test(`refresh tokens by ${name}, while ${parallel} are rotated`, limit, async () => {
        let clientId = await newClient()
        // The other ends delete the grant, which a refresh checks anyway: they were never lost, and cost time here.
        const some = name.includes('/refresh-tokens') ? rounds : rounds / 4
        for (let round = 0; round < some; round++) {
          if (name.includes('application')) clientId = await newClient()
          const { browser } = await logIn(server, clientId, 'member@example.com', {}, password)
          const tokens = await Promise.all(
            Array.from({ length: parallel }, () => newToken(browser, clientId)),
          )
          const ended = new AbortController()
          const rotating = tokens.map(async (first, index) => {
            for (let token = first; ; ) {
              const late = ended.signal.aborted
              const { status, body } = await refresh(node(index), clientId, token)
              if (status !== 200) return
              assert.ok(!late, `round ${round}: a refresh token is alive`)
              token = body.refresh_token
            }
          })
          await end(tokens, clientId)
          ended.abort()
          await Promise.all(rotating)
        }
      })

    async function newToken(browser: Browser, clientId: string): Promise<string> {
      const request = authorizationRequest(server, clientId, { prompt: 'none' })
      const code = destination(await browser.open(request.url)).searchParams.get('code') ?? ''
      return (await redeem(server, clientId, { code, request })).body.refresh_token
    }

    async function newClient(): Promise<string> {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Client of a race',
          app_type: 'spa',
          callbacks: [callback],
          refresh_token: { rotation_type: 'rotating', expiration_type: 'non-expiring' },
        }),
      )
      return application.clientId
    }

    async function revoke(tokens: string[], clientId: string): Promise<void> {
      const revoked = tokens.map(async (token) => {
        const body = new URLSearchParams({ client_id: clientId, token })
        const answer = await fetch(new URL('/oauth/revoke', server.issuer), { method: 'POST', body })
        assert.equal(answer.status, 200, await answer.text())
      })
      await Promise.all(revoked)
    }

    /** @returns the code, or none where the answer is `login_required`; any other answer fails */
    async function silentLogIn(index: number, cookie: string): Promise<Code[]> {
      const { url, verifier } = authorizationRequest(node(index), server.clientId, { prompt: 'none' })
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
      assert.equal(answer.status, 303, await answer.text())
      const target = new URL(answer.headers.get('location') ?? '')
      const code = target.searchParams.get('code')
      if (code) return [{ code, verifier }]
      assert.equal(target.searchParams.get('error'), 'login_required', target.href)
      return []
    }

    async function redeemCode({ code, verifier }: Code): Promise<number> {
      const { status } = await requestToken(server, {
        grant_type: 'authorization_code',
        client_id: server.clientId,
        code,
        redirect_uri: callback,
        code_verifier: verifier,
      })
      return status
    }
  })
}
