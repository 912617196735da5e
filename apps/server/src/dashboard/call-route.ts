import { z } from 'zod'
import type { Context } from '../context.ts'
import { ApiError, notSupported } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'

const timeoutMs = 5_000
const maxBodyLength = 64 * 1024
const local = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Calls an API with the caller's token and returns its response, for trials on one's own computer: CORS keeps the
 * dashboard from calling the API itself. To prevent server-side request forgery (CWE-918), it works only if the issuer is
 * a loopback name, only for loopback addresses, follows no redirect, and requires the scope to change APIs.
 */
export function callRoute(app: ManagementApp, { config }: Pick<Context, 'config'>): void {
  app.post(
    '/rolecall/call',
    {
      config: { scope: ['update:resource_servers'] },
      schema: {
        tags: ['rolecall'],
        summary: 'Call an API on this computer with a token',
        body: z.object({ url: z.url().max(2_048), access_token: z.string().min(1).max(16_384) }),
        response: { 200: z.object({ status: z.int(), body: z.string() }) },
      },
    },
    async ({ body }) => {
      const url = new URL(body.url)
      if (!local.has(new URL(config.issuer).hostname))
        throw notSupported('Only a server on your own computer calls APIs for you')
      if (!/^https?:$/.test(url.protocol) || !local.has(url.hostname) || url.username || url.password)
        throw notSupported('Only APIs on this computer can be called from here')
      if (url.origin === new URL(config.issuer).origin)
        throw notSupported('This is the address of the authorization server itself')
      return call(url, body.access_token)
    },
  )
}

async function call(url: URL, token: string): Promise<{ status: number; body: string }> {
  if (/[^\x21-\x7e]/.test(token)) throw notSupported('That is no token')
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { status: response.status, body: await readBounded(response) }
  } catch {
    throw new ApiError(400, `Nothing answers at ${url.origin}`, 'unreachable')
  }
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > maxBodyLength) return text.slice(0, maxBodyLength)
  }
  return text
}
