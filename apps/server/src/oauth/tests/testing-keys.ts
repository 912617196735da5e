import type { TestContext } from 'node:test'
import type { FactorPolicyUpdate } from '@rolecall/contract'
import { enrolKey, offerKey } from '../../factors/keys.ts'
import { multiFactor } from '../../factors/policy.ts'
import type { KeyMethod } from '../../factors/store.ts'
import { shownCodes } from '../../factors/testing.ts'
import type { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateFactorPolicy } from '../../tenant/settings.ts'
import { creationOf, type Forgery, SoftKey } from '../../testing/authenticator.ts'
import { Browser, type Page } from '../../testing/browser.ts'
import { startServer } from '../../testing/server.ts'
import { authorizationRequest, destination, makeTutorial, password, redeem } from '../../testing/tutorial.ts'
import { findUser } from '../../users/store.ts'
import type { User } from '../../users/user.ts'

export const email = 'admin@example.com'

/** A server on localhost, where keys work over http, with a clock that the test moves. */
export async function startWithKeys(
  t: TestContext,
  kind: (typeof stores)[number],
  policy: FactorPolicyUpdate = {},
) {
  let ahead = 0
  const clock = () => Date.now() + ahead
  const server = await startServer(t, kind, { clock, issuerHost: 'localhost' })
  const tutorial = await makeTutorial(server.ctx)
  const setPolicy = (update: FactorPolicyUpdate) =>
    transaction(server.ctx, (tx) => updateFactorPolicy(tx, () => update))
  await setPolicy(policy)
  const { clientId } = tutorial.spa
  const began = async (params: Record<string, string> = {}, browser = new Browser(server.issuer)) => {
    const request = authorizationRequest(server, clientId, params)
    return { browser, request, page: await browser.open(request.url) }
  }
  return {
    ...server,
    ...tutorial,
    clock,
    setPolicy,
    clientId,
    /** Opens the log-in page, in a new browser if none is given. */
    began,
    /** Types the password there. */
    async typePassword(params: Record<string, string> = {}, browser?: Browser) {
      const { page, ...at } = await began(params, browser)
      return { ...at, page: await at.browser.submit(page, { email, password }) }
    },
    wait: (ms: number) => {
      ahead += ms
    },
    newKey: () => new SoftKey(server.issuer),
    tokens: (code: string, request: ReturnType<typeof authorizationRequest>) =>
      redeem(server, clientId, { code, request }),
    /** Those that refusals have begun. */
    endPauses: () => server.ctx.store.db.deleteFrom('sign_in_attempts').execute(),
    logs: () =>
      server.ctx.store.db
        .selectFrom('logs')
        .select(['type', 'description', 'user_id'])
        .orderBy('log_id', 'desc')
        .execute(),
  }
}
export type KeyServer = Awaited<ReturnType<typeof startWithKeys>>

/** Sets a security key up in a log-in for which the application asks for one. */
export async function enrolInLogIn(server: KeyServer, key = server.newKey()) {
  const { browser, request, page } = await server.typePassword({ acr_values: multiFactor })
  const form = await browser.open(`${page.url}?kind=key`)
  const shown = await browser.submit(form, { answer: key.create(creationOf(form)) })
  const done = await browser.submit(shown)
  return { key, browser, request, codes: shownCodes(shown), code: codeOf(done) }
}

/** Adds a key or passkey to a user, as the account page does. */
export async function addKey(
  server: KeyServer,
  { userId }: Pick<User, 'userId'>,
  type: KeyMethod['type'],
  { key = server.newKey(), forgery, name }: { key?: SoftKey; forgery?: Forgery; name?: string } = {},
) {
  const user = await findUser(server.ctx.store.db, userId)
  const offer = user && (await offerKey(server.ctx, user, 'here', type))
  if (!user || !offer) throw new Error('there is no such user, or keys do not work here')
  const outcome = await enrolKey(server.ctx, user, {
    binding: 'here',
    type,
    sealed: offer.sealed,
    answer: key.create(offer.options, forgery),
    name,
    origin: { ip: '127.0.0.1' },
  })
  return { key, user, offer, outcome }
}

export const codeOf = (page: Page) => destination(page).searchParams.get('code') ?? ''

/** Whether the browser is logged in. */
export async function isLoggedIn(server: KeyServer, browser: Browser): Promise<boolean> {
  const { page } = await server.began({ prompt: 'none' }, browser)
  return destination(page).searchParams.get('error') === null
}
