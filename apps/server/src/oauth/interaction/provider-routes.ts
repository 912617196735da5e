/**
 * Logging in at another provider. The browser is sent there by a form of the log-in page, or at once where the application
 * names the connection. It comes back to `/login/callback/<connection>`, which sends it on to the interaction that it left from: only
 * the browser of that interaction has its cookie.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { throttleRequest, withdrawRequest } from '../../accounts/attempts.ts'
import { callbackPathOf, type Provider } from '../../connections/provider.ts'
import { showProblemPage } from '../protocol-pages.ts'
import { type Departed, depart, pageOfState, returnFrom } from '../providers/departure.ts'
import { ProviderError } from '../providers/failure.ts'
import type { Arrival, ProviderProtocol } from '../providers/provider-protocol.ts'
import { asParams, text, words } from '../request.ts'
import { enabledProvider, type Interaction, type Scene } from './interaction.ts'
import { showLogIn } from './log-in-page.ts'
import { enter, refuse } from './provider-entry.ts'
import { missingProofAge } from './second-step.ts'
import { isOwnForm, type StepDeps, within } from './within.ts'

export interface ProviderDeps extends StepDeps {
  providers: ProviderProtocol
}

export function providerRoutes(app: FastifyInstance, deps: ProviderDeps): void {
  const { ctx } = deps

  app.get(callbackPathOf(':connection'), (request, reply) => {
    const connection = text(asParams(request.params), 'connection')
    const page = pageOfState(ctx, connection, text(asParams(request.query), 'state'))
    if (page === undefined) return showProblemPage(ctx, reply, 'expired')
    return leave(reply, page + request.url.slice(request.url.indexOf('?')))
  })

  app.post(
    '/interaction/:uid/provider',
    within(deps, async (request, reply, scene) => {
      if (!isOwnForm(ctx, request, scene))
        return showLogIn(ctx, request, reply, scene, { refused: 'expired' })
      const name = text(asParams(request.body), 'connection')
      const chosen = scene.providers.find((provider) => provider.name === name)
      return chosen
        ? departTo(deps, request, reply, scene, chosen.connectionId)
        : showLogIn(ctx, request, reply, scene)
    }),
  )

  app.get(
    '/interaction/:uid/callback',
    within(deps, (request, reply, scene) => arrive(deps, request, reply, scene)),
  )
}

/** Sends the browser to a provider. */
export async function departTo(
  { ctx, providers }: ProviderDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
  connectionId: string,
): Promise<FastifyReply> {
  const { interaction } = scene
  const provider = await enabledProvider(ctx, ctx.store.db, scene, connectionId)
  if (!provider) return showLogIn(ctx, request, reply, scene, { refused: 'expired' })
  const page = `/interaction/${interaction.uid}/callback`
  const { departure, departed } = depart(ctx, provider, page, maxAgeOf(provider, scene))
  try {
    const url = await providers.begin(provider, {
      ...departure,
      loginHint: text(interaction.params, 'login_hint'),
      prompt: promptOf(interaction),
    })
    interaction.result = { departed }
    await interaction.persist()
    return leave(reply, url)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return refuse({ ctx, request, reply, scene, provider }, error.kind, error.message)
  }
}

/** The browser is back, with the provider's response. */
async function arrive(
  deps: ProviderDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
): Promise<FastifyReply> {
  const { ctx, providers } = deps
  const departed = departedOf(scene.interaction)
  if (!departed) return showLogIn(ctx, request, reply, scene, { refused: 'expired' })
  const provider = await enabledProvider(ctx, ctx.store.db, scene, departed.connectionId)
  if (!provider) return showLogIn(ctx, request, reply, scene, { refused: 'expired' })
  const visit = { ctx, request, reply, scene, provider }

  const response = new URLSearchParams(request.url.slice(request.url.indexOf('?') + 1))
  const departure = await returnFrom(ctx, departed, response.get('state') ?? '')
  if (!departure)
    return refuse(visit, 'provider_expired', 'The state is too old, was used, or is that of another log-in')

  // Each response costs the provider a request, so wrong ones count for the network.
  const retryAfterSeconds = await throttleRequest(ctx, 'provider', request.ip)
  if (retryAfterSeconds > 0)
    return showLogIn(ctx, request, reply, scene, { refused: 'too_many_attempts', retryAfterSeconds })
  let arrival: Arrival
  try {
    arrival = await providers.complete(provider, departure, response)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    if (error.kind !== 'provider_failed') await withdrawRequest(ctx, 'provider', request.ip)
    return refuse(visit, error.kind, error.message)
  }
  await withdrawRequest(ctx, 'provider', request.ip)
  const { subject, claims, userinfo, authTime } = arrival
  return enter(deps.protocol, visit, { logIn: { subject, claims, userinfo }, authTime })
}

/** The address may hold a code: it is not cached, and not sent on in a `Referer`. */
function leave(reply: FastifyReply, url: string): FastifyReply {
  return reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(url, 303)
}

function departedOf({ result }: Interaction): Departed | undefined {
  const departed = result?.['departed']
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `departTo` wrote it, and it was sealed since.
  return typeof departed === 'object' && departed !== null ? (departed as Departed) : undefined
}

/** GitHub has no parameter for it, so the time of its response counts. */
function maxAgeOf({ strategy }: Provider, scene: Scene): number | undefined {
  if (strategy === 'github') return undefined
  const given = scene.interaction.params['max_age']
  const ages = [given === undefined || given === '' ? [] : Number(given), missingProofAge(scene) ?? []].flat()
  return ages.length > 0 ? Math.min(...ages) : undefined
}

/** Those values of `prompt` that ask for something at the provider too. Consent is asked for here. */
function promptOf({ params }: Interaction): string | undefined {
  const prompts = words(text(params, 'prompt')).filter((one) => one === 'login' || one === 'select_account')
  return prompts.length > 0 ? prompts.join(' ') : undefined
}
