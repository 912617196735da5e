import { importJWK, SignJWT } from 'jose'
import { findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { randomSecret, sha256 } from '../crypto/secrets.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import {
  claimNotice,
  deleteNotice,
  dueNotices,
  listEndedSessions,
  postponeNotice,
  replaceBySessionNotices,
} from '../sessions/lists.ts'
import { type ArtifactRow, payloadContext } from '../sessions/store.ts'
import { poll } from '../store/poll.ts'

/** How often the store is asked for ended sessions. */
const everyMs = 1_000
const batch = 20
/** An application that does not answer holds nothing up for longer. */
const timeoutMs = 5_000
/** How long a notice belongs to the server that sends it. */
const leaseMs = 60_000
const maxAttempts = 5
const firstRetryMs = 5_000
const tokenLifetimeSeconds = 120
const event = 'http://schemas.openid.net/event/backchannel-logout'

interface Notice {
  clientId: string
  url: string
  sub: string
  sid: string
  attempts: number
}

/** What oidc-provider stores of a session, as far as applications are concerned. */
interface SessionPayload {
  accountId?: string
  authorizations?: Record<string, { sid?: string }>
}

export interface BackchannelLogout {
  /** Sends what is due now. */
  deliver(): Promise<void>
  /** Ends it. What was not sent is sent after the next start. */
  close(): Promise<void>
}

/**
 * Tells applications that a session has ended, at their `backchannel_logout_urls` (OpenID Connect Back-Channel Logout 1.0). It
 * works after the request that ended the session was answered, so that no application delays a log-out.
 */
export function startBackchannelLogout(
  ctx: Context,
  keys: KeyRing,
  logs: LogBuffer,
  onProblem: (error: unknown) => void,
): BackchannelLogout {
  const { store, clock, sealer, config } = ctx
  const stop = new AbortController()
  const seal = (idHash: string, notice: Notice) =>
    sealer.seal(JSON.stringify(notice), payloadContext('LogoutNotice', idHash))

  /** Undefined for a payload that another sealing key has sealed: such a row must not hold up the others. */
  function open(kind: 'Session', row: ArtifactRow): SessionPayload | undefined
  function open(kind: 'LogoutNotice', row: ArtifactRow): Notice | undefined
  function open(kind: string, row: ArtifactRow): unknown {
    try {
      return JSON.parse(sealer.open(row.payload, payloadContext(kind, row.id_hash)))
    } catch {
      return undefined
    }
  }

  async function makeNotices(session: ArtifactRow): Promise<void> {
    const { accountId: sub, authorizations = {} } = open('Session', session) ?? {}
    const notices: Notice[] = []
    for (const [clientId, { sid }] of Object.entries(authorizations)) {
      const application = sub && sid ? await findApplication(store.db, clientId) : undefined
      for (const url of application?.data.oidc_logout?.backchannel_logout_urls ?? [])
        notices.push({ clientId, url, sub: sub ?? '', sid: sid ?? '', attempts: 0 })
    }
    const rows = notices.map((notice) => {
      const idHash = sha256(randomSecret())
      return {
        id_hash: idHash,
        payload: seal(idHash, notice),
        client_id: notice.clientId,
        created_at: clock(),
        expires_at: session.expires_at,
      }
    })
    await store.transaction((tx) => replaceBySessionNotices(tx, session, rows))
  }

  async function attempt(row: ArtifactRow): Promise<void> {
    if (!(await claimNotice(store.db, row, clock() + leaseMs))) return
    const notice = open('LogoutNotice', row)
    if (notice === undefined) return deleteNotice(store.db, row.id_hash)
    const problem = await post(notice)
    if (problem === undefined) return deleteNotice(store.db, row.id_hash)
    const attempts = notice.attempts + 1
    if (problem.isFinal || attempts >= maxAttempts) {
      logs.add({
        type: 'w',
        description: `The application was not told of a logout (attempt ${attempts}): ${problem.reason}`,
        clientId: notice.clientId,
        userId: notice.sub,
      })
      return deleteNotice(store.db, row.id_hash)
    }
    const payload = seal(row.id_hash, { ...notice, attempts })
    return postponeNotice(store.db, row.id_hash, payload, clock() + firstRetryMs * 4 ** (attempts - 1))
  }

  /** Back-Channel Logout §2.5. A redirect is not followed: the address was checked when it was stored, its target was not. */
  async function post(notice: Notice): Promise<{ reason: string; isFinal: boolean } | undefined> {
    try {
      const response = await fetch(notice.url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({ logout_token: await logoutToken(notice) }),
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stop.signal]),
      })
      await response.body?.cancel()
      if (response.ok) return undefined
      const { status } = response
      return { reason: `it answered ${status}`, isFinal: status < 500 && status !== 408 && status !== 429 }
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), isFinal: false }
    }
  }

  /** Back-Channel Logout §2.4. */
  async function logoutToken({ clientId, sub, sid }: Notice): Promise<string> {
    const { kid, alg, privateJwk } = keys.current()
    const issuedAt = Math.floor(clock() / 1000)
    return new SignJWT({ events: { [event]: {} }, sid })
      .setProtectedHeader({ alg, kid, typ: 'logout+jwt' })
      .setIssuer(config.issuer)
      .setSubject(sub)
      .setAudience(clientId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + tokenLifetimeSeconds)
      .setJti(randomSecret())
      .sign(await importJWK(privateJwk, alg))
  }

  async function work(): Promise<void> {
    for (const session of await listEndedSessions(store.db, batch)) await makeNotices(session)
    await Promise.all((await dueNotices(store.db, clock(), batch)).map(attempt))
  }

  const { run: deliver, close } = poll(work, { everyMs, stop, onProblem })
  return { deliver, close }
}
