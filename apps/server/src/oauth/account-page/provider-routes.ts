/**
 * How users connect their account with one at another provider, and disconnect it:
 *
 *   /account/providers           what is connected, and what can be
 *   /account/providers/callback  back from the provider, by way of `/login/callback/<connection>`
 *   /account/providers/confirm   asks whether it is the right account there
 *
 * A link is begun with a log-in that is a few minutes old, and completed in the session in which it was begun.
 */
import type { FastifyReply } from 'fastify'
import { throttleRequest, withdrawRequest } from '../../accounts/attempts.ts'
import { findSystemApplication } from '../../applications/store.ts'
import { type Provider, providerOf } from '../../connections/provider.ts'
import { connectionsOf } from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import {
  accountNameOf,
  linkOwnIdentity,
  type OwnIdentityChange,
  ownIdentities,
  unlinkOwnIdentity,
} from '../../identities/own-identities.ts'
import { pageHeaders } from '../../pages/headers.ts'
import { originOf, sendPage } from '../../pages/page-request.ts'
import type { Problem } from '../../pages/problems.ts'
import { accountName } from '../../system-objects.ts'
import { depart, returnFrom } from '../providers/departure.ts'
import { ProviderError } from '../providers/failure.ts'
import type { ProviderProtocol } from '../providers/provider-protocol.ts'
import { at } from './parts.ts'
import { dropPendingLink, pendingLinkOf, putPendingLink } from './pending-link.ts'
import { confirmProviderPage, providersPage } from './provider-pages.ts'
import { type Refusal, statusOfRefusal } from './refusals.ts'
import { type AccountRoutes, back, partsOf, type Visit } from './visit.ts'

const expired = { refused: 'expired' } as const
const page = '/providers'

/** The providers whose accounts can be connected: those by which people can log in to the account page. */
export async function linkableProviders(ctx: Pick<Context, 'store' | 'sealer'>): Promise<Provider[]> {
  const application = await findSystemApplication(ctx.store.db, accountName)
  const connections = application ? await connectionsOf(ctx.store.db, application.clientId, 'providers') : []
  return connections.map((connection) => providerOf(ctx, connection))
}

export function providerRoutes(
  { show, showConfirmed, submit, submitConfirmed }: AccountRoutes,
  ctx: Context,
  providers: ProviderProtocol,
): void {
  const again = (visit: Visit) => showProviders(visit, expired)

  showConfirmed(page, (visit) => showProviders(visit))
  submitConfirmed(
    page,
    (visit, { connection }) => leaveFor(visit, connection),
    again,
    () => page,
  )
  show(`${page}/callback`, arrive)
  show(`${page}/confirm`, confirm)
  submit(`${page}/confirm`, connect, again)
  submitConfirmed(
    `${page}/remove`,
    async (visit, { connection: connectionId, subject }) => {
      const { user, sessionUid } = visit.visitor
      const change = { origin: originOf(visit), keepSession: sessionUid }
      return answer(
        visit,
        await unlinkOwnIdentity(ctx, user, { connectionId, subject }, change),
        'disconnected',
      )
    },
    again,
    () => page,
  )

  async function answer(
    visit: Visit,
    outcome: OwnIdentityChange,
    done: 'connected' | 'disconnected',
  ): Promise<FastifyReply> {
    return 'refused' in outcome ? showProviders(visit, outcome) : back(visit, done)
  }

  async function showProviders(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
    const { user } = visit.visitor
    const body = providersPage({
      ...(await partsOf(visit, refusal)),
      identities: await ownIdentities(ctx, user),
      choices: await linkableProviders(ctx),
    })
    if (refusal && 'retryAfterSeconds' in refusal)
      visit.reply.header('retry-after', refusal.retryAfterSeconds)
    // Its buttons lead to the providers.
    return visit.reply
      .code(statusOfRefusal(refusal))
      .headers(pageHeaders({ leadsToApplication: true }))
      .send(body)
  }

  const find = async (connectionId: string) =>
    (await linkableProviders(ctx)).find((provider) => provider.connectionId === connectionId)

  async function leaveFor(visit: Visit, connectionId: string): Promise<FastifyReply> {
    const provider = await find(connectionId)
    if (!provider) return showProviders(visit, expired)
    const { departure, departed } = depart(ctx, provider, at('providers/callback'))
    try {
      const url = await providers.begin(provider, { ...departure, prompt: undefined, loginHint: undefined })
      await putPendingLink(ctx, visit.visitor, { departed })
      return visit.reply
        .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
        .redirect(url, 303)
    } catch (error) {
      return showProviders(visit, problemOf(error, provider))
    }
  }

  async function arrive(visit: Visit): Promise<FastifyReply> {
    const { request, visitor } = visit
    const pending = await pendingLinkOf(ctx, visitor)
    const provider = pending && 'departed' in pending && (await find(pending.departed.connectionId))
    if (!provider) return showProviders(visit, expired)
    const response = new URLSearchParams(request.url.slice(request.url.indexOf('?') + 1))
    const departure = await returnFrom(ctx, pending.departed, response.get('state') ?? '')
    if (!departure)
      return showProviders(visit, { refused: 'provider_expired', provider: provider.displayName })
    // As in a log-in: each response costs the provider a request.
    const retryAfterSeconds = await throttleRequest(ctx, 'provider', request.ip)
    if (retryAfterSeconds > 0)
      return showProviders(visit, { refused: 'too_many_attempts', retryAfterSeconds })
    try {
      const { subject, claims, userinfo } = await providers.complete(provider, departure, response)
      await withdrawRequest(ctx, 'provider', request.ip)
      const { connectionId } = provider
      const logIn = { subject, claims, userinfo }
      await putPendingLink(ctx, visitor, { arrived: { connectionId, logIn }, at: ctx.clock() })
      return await visit.reply.redirect(at('providers/confirm'), 303)
    } catch (error) {
      const problem = problemOf(error, provider)
      if (problem.refused !== 'provider_failed') await withdrawRequest(ctx, 'provider', request.ip)
      return showProviders(visit, problem)
    }
  }

  async function confirm(visit: Visit): Promise<FastifyReply> {
    const pending = await pendingLinkOf(ctx, visit.visitor)
    const provider = pending && 'arrived' in pending && (await find(pending.arrived.connectionId))
    if (!provider) return visit.reply.redirect(at('providers'), 303)
    const account = accountNameOf(pending.arrived.logIn)
    const options = { provider: provider.displayName, account }
    return sendPage(visit, 200, confirmProviderPage({ ...(await partsOf(visit)), ...options }))
  }

  async function connect(visit: Visit): Promise<FastifyReply> {
    const pending = await pendingLinkOf(ctx, visit.visitor)
    const provider = pending && 'arrived' in pending && (await find(pending.arrived.connectionId))
    if (!provider) return showProviders(visit, expired)
    await dropPendingLink(ctx, visit.visitor)
    const origin = originOf(visit)
    const outcome = await linkOwnIdentity(ctx, visit.visitor.user, provider, pending.arrived.logIn, {
      origin,
    })
    return answer(visit, outcome, 'connected')
  }
}

function problemOf(error: unknown, { displayName }: Provider): Extract<Problem, { provider: string }> {
  if (!(error instanceof ProviderError)) throw error
  return { refused: error.kind, provider: displayName }
}
