import { createHmac } from 'node:crypto'
import type { Context } from '../context.ts'
import { equalInConstantTime, randomSecret } from '../crypto/secrets.ts'

type Ctx = Pick<Context, 'config' | 'sealer'>

/** The name of the hidden field. */
export const csrfField = '_csrf'

/** Without https there is no `__Host-` prefix; the cookie then is host-only all the same, having no Domain. */
export function csrfCookieName(ctx: Pick<Context, 'config'>): string {
  return ctx.config.issuer.startsWith('https:') ? '__Host-rolecall_csrf' : 'rolecall_csrf'
}

/**
 * A token for the forms of one page, and the Set-Cookie that has to go with it. The cookie tells browsers apart, and
 * the token is signed for one browser and one purpose (the interaction's uid, say): a form from elsewhere has neither,
 * and a page fetched by somebody else does not fit this browser (login CSRF; RFC 9700, 4.7).
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

/** Whether a form was sent by our own page in this browser, for this purpose. */
export function checkCsrf(ctx: Ctx, { headers, purpose, token }: Submission): boolean {
  const browser = readCookie(ctx, headers.cookie)
  if (!isFromHere(ctx, headers) || browser === undefined || typeof token !== 'string') return false
  return equalInConstantTime(token, sign(ctx, browser, purpose))
}

/**
 * What the browser says about the sender. Under `no-referrer` a page of our own sends `Origin: null` (Fetch, "append a
 * request Origin header"), so that alone decides nothing; browsers that send Sec-Fetch-Site say it plainly.
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
