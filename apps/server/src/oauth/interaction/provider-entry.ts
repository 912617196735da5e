import type { FastifyReply, FastifyRequest } from 'fastify'
import { logFields } from '../../accounts/accounts.ts'
import type { Provider } from '../../connections/provider.ts'
import { connectionNamesOf, connectionsOf } from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import { logInWithProvider, type ProviderLogIn } from '../../identities/identities.ts'
import { writeLog } from '../../logs/log.ts'
import type { ProviderProblem } from '../../pages/problems.ts'
import type { User } from '../../users/user.ts'
import type { Protocol } from '../protocol.ts'
import { passFirstStep } from './first-step.ts'
import type { Interaction, Scene } from './interaction.ts'
import { showLogIn } from './log-in-page.ts'
import type { FirstStep } from './second-step.ts'
import { originOf } from './within.ts'

/** A person who comes back from a provider. */
export interface ProviderVisit {
  ctx: Context
  request: FastifyRequest
  reply: FastifyReply
  scene: Scene
  provider: Provider
}

/** Who has logged in at the provider. */
export interface Entry {
  logIn: ProviderLogIn
  authTime?: number | undefined
}

/** A person who is offered to connect an account. It is kept, sealed, with the interaction, which one browser can use. */
export interface Offered extends Entry {
  connectionId: string
  /** The account here. */
  userId: string
  /** Epoch milliseconds. */
  at: number
}

/** Finds or creates the user, and goes on with their log-in. @param declined the person wants a separate account */
export async function enter(
  protocol: Protocol,
  visit: ProviderVisit,
  entry: Entry,
  declined = false,
): Promise<FastifyReply> {
  const { ctx, request, reply, scene, provider } = visit
  const { db } = ctx.store
  const { clientId } = scene.application
  const databases = declined ? [] : await connectionsOf(db, clientId, 'databases')
  const outcome = await logInWithProvider(ctx, provider, entry.logIn, {
    databases: databases.map(({ name }) => name),
    origin: originOf(request, scene),
  })
  if ('refused' in outcome) return refuse(visit, outcome.refused, reasons[outcome.refused])
  if ('offer' in outcome) return offerLink(visit, entry, outcome.offer)
  const { user } = outcome
  if (!(await connectionNamesOf(db, clientId)).has(user.connection))
    return refuse(visit, 'provider_not_accepted', reasons.provider_not_accepted, user)
  if (outcome.created) await log(visit, 'ss', 'Signed up', user)
  return passFirstStep({ ctx, protocol }, request, reply, scene, user, firstStepOf(provider, entry))
}

const reasons = {
  provider_blocked: 'the user is blocked',
  provider_no_email: 'the provider sent no address, or one that is not valid',
  provider_email_taken: 'another user has the address or the id',
  provider_sign_up_disabled: 'sign-up is switched off',
  provider_subject: 'the subject is not 1 to 255 characters of ASCII',
  provider_failed: 'the connection was deleted',
  provider_not_accepted: 'the connection of the user is not enabled for the application',
}

/** What is known of the log-in until it is complete. */
export function firstStepOf(
  { connectionId, name, strategy }: Provider,
  { authTime, logIn: { subject } }: Entry,
): FirstStep {
  // A clock there may be ahead.
  const at = authTime === undefined ? undefined : Math.min(authTime, Math.floor(Date.now() / 1000))
  return { amr: [], connectionId, subject, connection: name, strategy, authTime: at }
}

/** Logs the reason, and shows the log-in page with a sentence of ours. */
export async function refuse(
  visit: ProviderVisit,
  refused: ProviderProblem['refused'],
  reason: string,
  user?: User,
): Promise<FastifyReply> {
  const { ctx, request, reply, scene, provider } = visit
  await log(visit, 'f', `Log-in refused: ${reason}`, user)
  return showLogIn(ctx, request, reply, scene, { refused, provider: provider.displayName })
}

async function log(
  { ctx, request, scene, provider: { name, strategy } }: ProviderVisit,
  type: 'f' | 'ss',
  description: string,
  user?: User,
): Promise<void> {
  const fields = logFields(originOf(request, scene), name, user)
  await writeLog(ctx.store.db, { ...fields, strategy, type, description, date: ctx.clock() })
}

async function offerLink(
  { ctx, reply, scene: { interaction }, provider }: ProviderVisit,
  { logIn, authTime }: Entry,
  { userId }: User,
): Promise<FastifyReply> {
  const { connectionId } = provider
  const offered: Offered = { logIn, authTime, connectionId, userId, at: ctx.clock() }
  interaction.result = { offered }
  await interaction.persist()
  return reply.redirect(`/interaction/${interaction.uid}/link`, 303)
}

export function offeredOf({ result }: Interaction): Offered | undefined {
  const offered = result?.['offered']
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `offerLink` wrote it, and it was sealed since.
  return typeof offered === 'object' && offered !== null ? (offered as Offered) : undefined
}
