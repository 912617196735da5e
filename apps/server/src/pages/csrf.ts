import { createHmac } from 'node:crypto'
import type { Context } from '../context.ts'
import { equalInConstantTime, randomSecret } from '../crypto/secrets.ts'

type Ctx = Pick<Context, 'config' | 'sealer'>

/** The name of the hidden field. */
export const csrfField = '_csrf'

/** The `__Host-` prefix requires https. Without it the cookie is still host-only, because it has no Domain. */
export function csrfCookieName(ctx: Pick<Context, 'config'>): string {
  return ctx.config.issuer.startsWith('https:') ? '__Host-rolecall_csrf' : 'rolecall_csrf'
}

/**
 * A token for the forms of one page, and the Set-Cookie header for it. The cookie identifies the browser. The token is
 * signed for one browser and one purpose, such as the interaction's uid: a form of another site has neither, and a page
 * that another browser fetched has a token of that browser (login CSRF; RFC 9700, 4.7).
 */
export function issueCsrf(
  ctx: Ctx,
  purpose: string,
  cookieHeader: string | undefined,
): { token: string; setCookie: string } {
  const known = readCookie(ctx, cookieHeader)
  const browser = known ?? randomSecret()
  const secure = ctx.config.issuer.startsWith('https:') ? '; Secure' : ''
  return {
    token: sign(ctx, browser, purpose),
    setCookie: `${csrfCookieName(ctx)}=${browser}; Path=/; HttpOnly; SameSite=Lax${secure}`,
  }
}

interface Submission {
  headers: {
    cookie?: string | undefined
    origin?: string | undefined
    'sec-fetch-site'?: string | string[] | undefined
  }
  purpose: string
  token: unknown
}

/** Whether the form was sent by a page of this server in this browser, for this purpose. */
export function checkCsrf(ctx: Ctx, { headers, purpose, token }: Submission): boolean {
  const browser = readCookie(ctx, headers.cookie)
  if (!isFromHere(ctx, headers) || browser === undefined || typeof token !== 'string') return false
  return equalInConstantTime(token, sign(ctx, browser, purpose))
}

/**
 * Whether the form comes from this origin. Under `no-referrer` a page of this server sends `Origin: null` (Fetch, "append a
 * request Origin header"), so `Origin` alone does not decide. Sec-Fetch-Site does, where the browser sends it.
 */
function isFromHere(ctx: Ctx, headers: Submission['headers']): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  return origin === undefined || origin === 'null' || origin === new URL(ctx.config.issuer).origin
}

function sign(ctx: Ctx, browser: string, purpose: string): string {
  return createHmac('sha256', ctx.sealer.derive('csrf')).update(`${browser}\n${purpose}`).digest('base64url')
}

function readCookie(ctx: Ctx, header: string | undefined): string | undefined {
  const prefix = `${csrfCookieName(ctx)}=`
  const given = header?.split(/; */).find((cookie) => cookie.startsWith(prefix))
  const value = given?.slice(prefix.length)
  return value && /^[\w-]{43}$/.test(value) ? value : undefined
}
