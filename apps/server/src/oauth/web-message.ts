import { createHash } from 'node:crypto'
import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * The `web_message` response mode: the answer, success or error, goes to the window that opened this page or frames it,
 * and to the origin of the registered redirect URI alone. Silent log-in and pop-ups wait for exactly this message, so
 * the page answers 200 whatever it carries, and may be framed.
 */
export function respondByWebMessage(
  ctx: KoaContextWithOIDC,
  redirectUri: string,
  response: Record<string, unknown>,
): void {
  const message = inScript({ type: 'authorization_response', response })
  const target = inScript(new URL(redirectUri).origin)
  const script = `(window.opener||window.parent).postMessage(${message},${target})`
  const hash = createHash('sha256').update(script).digest('base64')
  ctx.status = 200
  ctx.type = 'html'
  ctx.remove('x-frame-options')
  ctx.set('content-security-policy', `default-src 'none'; script-src 'sha256-${hash}'; base-uri 'none'`)
  ctx.body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Authorization response</title><script>${script}</script></html>`
}

/** JSON that can end neither the script element nor the statement. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
