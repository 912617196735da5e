import type { Context } from '../../context.ts'
import { isSecondFactorRequired, multiFactor, needsSecondStep } from '../../factors/policy.ts'
import { type StepKind, usableKinds } from '../../factors/usable.ts'
import type { ProviderLogIn } from '../../identities/identities.ts'
import { findIdentity } from '../../identities/store.ts'
import type { Db } from '../../store/store.ts'
import { findUser, isSignInValid, type SignIn, signInOf } from '../../users/store.ts'
import type { User } from '../../users/user.ts'
import { fromResource } from '../audience.ts'
import { secondFactorMissing } from '../interaction-policy.ts'
import { text, words } from '../request.ts'
import type { Proof } from './finish.ts'
import { enabledProvider, type Interaction, type Scene } from './interaction.ts'

/** The first step of a log-in, where it was not only a password. It is kept while the log-in waits for its second step. */
export interface FirstStep {
  /** RFC 8176. Empty for a log-in at a provider: this server has not seen how. */
  amr: readonly string[]
  /** The connection to the provider. */
  connectionId: string
  /** The account there. */
  subject: string
  connection: string
  strategy: string
  /** When the provider checked the person, in seconds since the epoch, where it says so. */
  authTime?: number | undefined
  /** Becomes an identity of the user when the log-in is complete. */
  linked?: ProviderLogIn
}

/** What a log-in has shown before its second step. It is kept, sealed, with the interaction, which one browser can use. */
interface Pending extends SignIn {
  /** When the password was checked, in epoch milliseconds. */
  at: number
  /** Set when a factor was set up in this log-in, which needs no further code. */
  proof?: Proof
  /** Absent for a password. */
  first?: FirstStep
}

/** A password that was checked longer ago is asked for again (ASVS 6.5.5 limits codes to ten minutes). */
const passwordValidMs = 10 * 60_000

/** A person at the second step. */
export interface SecondStep {
  user: User
  /** Whether the password was checked in this log-in; otherwise the browser has a session. A factor is set up only after it. */
  isFresh: boolean
  proof?: Proof | undefined
  first?: FirstStep | undefined
  /** What the user can go on with. Without any, a factor is set up. */
  kinds: readonly StepKind[]
}

/** Whether a log-in with a password is not enough for this request. */
export async function hasSecondStep(db: Db, scene: Scene, user: User): Promise<boolean> {
  // Where the second step is switched off, the request was refused.
  if (words(text(scene.interaction.params, 'acr_values')).includes(multiFactor)) return true
  return needsSecondStep(db, scene.factorPolicy, user, apisOf(scene))
}

const apisOf = ({ interaction: { params } }: Scene) =>
  [params['resource']]
    .flat()
    .filter((resource) => typeof resource === 'string')
    .map(fromResource)

/**
 * Whether the person may set a factor up. Somebody who finds a browser that is logged in must not be able to, neither here nor
 * at a provider, which may answer from a session that is a week old. Where the policy requires a factor, that is accepted:
 * some providers never say when they have checked the person.
 */
export async function maySetUp(db: Db, scene: Scene, { user, isFresh, first }: SecondStep): Promise<boolean> {
  if (!isFresh) return false
  return isProven(first) || isSecondFactorRequired(db, scene.factorPolicy, user, apisOf(scene))
}

/** How old a log-in at a provider may be, in seconds: as on the account page, with time for the pages of the second step. */
const provenForSeconds = 900
const maxAgeSeconds = 300

function isProven(first: FirstStep | undefined): boolean {
  if (!first || first.amr.length > 0 || first.strategy === 'github') return true
  return first.authTime !== undefined && Date.now() / 1000 - first.authTime <= provenForSeconds
}

/** The `max_age` for a provider that is asked again because its first answer did not prove enough. */
export function missingProofAge({ interaction }: Pick<Scene, 'interaction'>): number | undefined {
  const { first } = pendingOf(interaction) ?? {}
  return isProven(first) ? undefined : maxAgeSeconds
}

/** Goes on at the second step: with a code, or with setting a factor up. */
export async function beginSecondStep(
  ctx: Context,
  { interaction }: Scene,
  user: User,
  shown: Pick<SecondStep, 'proof' | 'first'> = {},
): Promise<void> {
  const { proof, first } = shown
  const pending: Pending = {
    ...signInOf(user),
    at: ctx.clock(),
    ...(proof && { proof }),
    ...(first && { first }),
  }
  // Without `login` in the result, the protocol treats the browser as not logged in.
  interaction.result = { pending }
  await interaction.persist()
}

/**
 * The person who is at the second step of this interaction; undefined when the password has to be checked first, or again,
 * because it is too old or the account has changed since. So has one at a provider that was unlinked.
 */
export async function secondStepOf(ctx: Context, scene: Scene): Promise<SecondStep | undefined> {
  const pending = pendingOf(scene.interaction)
  const user = await personOf(ctx, scene, pending)
  if (!user) return undefined
  const kinds = await usableKinds(ctx, user, scene.factorPolicy)
  return { user, isFresh: pending !== undefined, proof: pending?.proof, first: pending?.first, kinds }
}

async function personOf(ctx: Context, scene: Scene, pending: Pending | undefined): Promise<User | undefined> {
  const { interaction } = scene
  if (!pending && !isStepUp(interaction)) return undefined
  const user = await findUser(ctx.store.db, pending?.userId ?? interaction.session?.accountId ?? '')
  if (!user || user.blocked) return undefined
  return !pending || (await isStillValid(ctx, scene, user, pending)) ? user : undefined
}

/** Whether nothing but a second factor is missing: the browser has a session that is good enough otherwise. */
export function isStepUp({ prompt, session }: Interaction): boolean {
  return (
    session?.accountId !== undefined &&
    prompt.name === 'login' &&
    prompt.reasons.every((reason) => reason === secondFactorMissing)
  )
}

function pendingOf({ result }: Interaction): Pending | undefined {
  const pending = result?.['pending']
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `beginSecondStep` wrote it, and it was sealed since.
  return typeof pending === 'object' && pending !== null ? (pending as Pending) : undefined
}

/** Whether the user still logs in with the account at the provider. One that is being connected is none of the user's yet. */
async function isOfUser(
  ctx: Context,
  scene: Scene,
  { userId }: User,
  { connectionId, subject, linked }: FirstStep,
): Promise<boolean> {
  if (linked) return true
  const { db } = ctx.store
  const identity = await findIdentity(db, { connectionId, subject })
  return identity?.userId === userId && (await enabledProvider(ctx, db, scene, connectionId)) !== undefined
}

/** Whether the first step counts: it is not too long ago, and what it rests on has not changed. */
async function isStillValid(ctx: Context, scene: Scene, user: User, pending: Pending): Promise<boolean> {
  const { at, first } = pending
  if (ctx.clock() - at > passwordValidMs || !isSignInValid(user, pending)) return false
  return !first || isOfUser(ctx, scene, user, first)
}
