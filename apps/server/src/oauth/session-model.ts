import { type AdapterPayload, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Clock } from '../clock.ts'
import { type Device, newDevice } from '../sessions/device.ts'
import type { SignIn } from '../users/store.ts'

/** How a payload came to be written; a new artifact without a log-in has no origin. */
export type Origin =
  /** It was loaded under this id, and may be written only while that artifact exists. */
  | { loadedAs: string }
  /** It is the session of a log-in, and may be written only while the log-in holds. */
  | { signIn: SignIn }

const origins = new WeakMap<AdapterPayload, Origin>()

export function originOf(payload: AdapterPayload): Origin | undefined {
  return origins.get(payload)
}

/** An artifact was not written, because what it depends on ended while the request ran. */
export class EndedError extends Error {
  override name = 'EndedError'
}

/** When the user of a session logged in here, in seconds since the epoch. `authTime` may be earlier: at another provider. */
export function loggedInAt(session: InstanceType<Provider['Session']> | undefined): number | undefined {
  const at: unknown = session && Reflect.get(session, 'loggedInAt')
  return typeof at === 'number' ? at : session?.loginTs
}

/** Whether the log-in of a session is older than the tenant allows, however lately the session was used. */
export function isTooOld(
  session: InstanceType<Provider['Session']> | undefined,
  now: number,
  lifetimeSeconds: number,
): boolean {
  const since = loggedInAt(session)
  return Boolean(since) && now / 1000 > (since ?? 0) + lifetimeSeconds
}

/** Whether another provider has said when it checked the user of the session: `loginTs` is that time. */
export function hasTimeOfProvider(session: InstanceType<Provider['Session']>): boolean {
  return typeof Reflect.get(session, 'loggedInAt') === 'number'
}

/** What the session's adapter can do besides oidc-provider's own contract. */
export interface SessionAdapter {
  isAlive(uid: string): Promise<boolean>
  end(uid: string): Promise<void>
  /** Ends a session without a mark: access tokens stay valid. */
  replace(uid: string): Promise<void>
  destroy(id: string): Promise<void>
}

/** A model of oidc-provider with the members that its types leave out. */
interface Model {
  jti: string
  /** When it was first written: only a model that was loaded has it. */
  iat?: number
  getValueAndPayload: (this: Model) => Promise<{ value: string; payload: AdapterPayload }>
  emit(event: string): void
}

interface SessionModel extends Model {
  readonly adapter: SessionAdapter
  uid: string
  oldId?: string
  /**
   * When the user logged in here, in seconds since the epoch, if another provider checked them at another time: `loginTs` is
   * that one then.
   */
  loggedInAt?: number | undefined
  /** The log-in that this request completes; not stored. */
  signIn?: SignIn
  device?: Device
  touched: boolean
  destroyed: boolean
  save: (this: SessionModel, ttl: number) => Promise<string>
  loginAccount: (this: SessionModel, details: unknown) => void
  destroy: (this: SessionModel) => Promise<void>
}

/**
 * oidc-provider loads a session at the start of a request, deletes it where it gets a new id, and writes it back at the
 * end. These models say where a payload comes from, so that the adapter writes back only what still exists, in one
 * statement, under the old id or the new one.
 */
export function bindModelsToOrigin(provider: Provider, clock: Clock): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see `Model`.
  const loaded = [provider.Session, provider.Interaction, provider.Grant, provider.DeviceCode]
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see `Model`.
  for (const { prototype } of loaded) rememberOrigin(prototype as unknown as Model)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see `SessionModel`.
  keepEnded(provider.Session.prototype as unknown as SessionModel, clock)
  storeOwnMembers(provider)
}

/** Stores the members that oidc-provider does not know. */
function storeOwnMembers({ Session }: Provider): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a static member that its types leave out.
  const { IN_PAYLOAD: members } = Session as unknown as { IN_PAYLOAD: string[] }
  Object.defineProperty(Session, 'IN_PAYLOAD', { value: [...members, 'device', 'loggedInAt'] })
}

function rememberOrigin(model: Model & Partial<Pick<SessionModel, 'oldId' | 'signIn'>>): void {
  const { getValueAndPayload } = model
  model.getValueAndPayload = async function getWithOrigin(this: typeof model) {
    const written = await getValueAndPayload.call(this)
    if (this.signIn) origins.set(written.payload, { signIn: this.signIn })
    else if (this.iat !== undefined) origins.set(written.payload, { loadedAs: this.oldId ?? this.jti })
    return written
  }
}

function keepEnded(model: SessionModel, clock: Clock): void {
  const { loginAccount } = model
  // The session's own `save` would delete the old id first.
  const base: { save: (this: Model, ttl: number) => Promise<string> } = Object.getPrototypeOf(model)
  const { save } = base

  model.loginAccount = function completeLogin(details) {
    loginAccount.call(this, details)
    const login = Provider.ctx?.oidc.entities.Interaction?.result?.login
    if (login?.['stepUp'] !== true)
      this.loggedInAt = login?.ts === undefined ? undefined : Math.floor(Date.now() / 1000)
    const signIn = signInOf(Provider.ctx)
    if (signIn) this.signIn = signIn
    const { request } = Provider.ctx ?? {}
    if (request) this.device = newDevice(request.ip, request.get('user-agent'))
  }

  model.save = async function saveSession(ttl) {
    this.device = { ...this.device, usedAt: clock() }
    try {
      await save.call(this, ttl)
    } catch (error) {
      if (!(error instanceof EndedError)) throw error
      // Nothing more is to be written, and a cookie that the browser has received since stays.
      this.destroyed = true
      withdrawSessionCookie(Provider.ctx)
      if (await this.adapter.isAlive(this.uid)) return this.jti
      throw new errors.LoginRequired('The session has ended')
    }
    this.touched = false
    if (this.oldId !== undefined && this.signIn) await this.adapter.destroy(this.oldId)
    return this.jti
  }

  model.destroy = destroySession
}

async function destroySession(this: SessionModel): Promise<void> {
  await endAs(this, 'end')
}

/**
 * Ends the session of a browser with which another user logs in. Its access tokens stay valid, because its user has not
 * logged out.
 */
export async function replaceSession(session: InstanceType<Provider['Session']>): Promise<void> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see `SessionModel`.
  await endAs(session as unknown as SessionModel, 'replace')
}

/** Another request may have given the session a new id: it ends under any. */
async function endAs(session: SessionModel, how: 'end' | 'replace'): Promise<void> {
  await session.adapter[how](session.uid)
  session.emit('destroyed')
  session.destroyed = true
}

/** The log-in page's result. A consent page repeats the result of the log-in before it, whose session exists. */
function signInOf(request: KoaContextWithOIDC | undefined): SignIn | undefined {
  const interaction = request?.oidc.entities.Interaction
  const login = interaction?.result?.login
  if (!login || interaction.prompt.name === 'consent') return undefined
  // Without a password in it: the session must exist already.
  if (login['stepUp'] === true) return undefined
  const { accountId: userId, passwordSetAt, factorsChangedAt } = login
  return { userId, passwordSetAt: timeOf(passwordSetAt), factorsChangedAt: timeOf(factorsChangedAt) }
}

const timeOf = (value: unknown) => (typeof value === 'number' ? value : undefined)

function withdrawSessionCookie(request: KoaContextWithOIDC | undefined): void {
  if (!request) return
  const name = request.oidc.provider.cookieName('session')
  const others = [request.response.get('set-cookie')]
    .flat()
    .filter((cookie) => cookie && !cookie.startsWith(`${name}=`) && !cookie.startsWith(`${name}.sig=`))
  if (others.length > 0) request.response.set('set-cookie', others)
  else request.response.remove('set-cookie')
}
