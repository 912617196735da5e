// The middleware of `@auth0/nextjs-auth0`, handed the requests that Next.js would hand it.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Auth0Client } from '@auth0/nextjs-auth0/server'
import { NextRequest, NextResponse } from 'next/server.js'
import {
  audience,
  baseUrl,
  clientId,
  clientSecret,
  domain,
  issuer,
  port,
  readMessage,
  scope,
  secret,
} from './settings.js'

const isInsecure = issuer.startsWith('http:')
const auth0 = new Auth0Client({
  domain: isInsecure ? new URL(issuer).origin : domain,
  clientId,
  clientSecret,
  appBaseUrl: baseUrl,
  secret,
  authorizationParameters: { audience, scope },
  ...(isInsecure && { allowInsecureRequests: true }),
})

async function answer(request) {
  const { pathname } = request.nextUrl
  if (pathname === '/login') return Response.redirect(`${baseUrl}/auth/login`)
  if (pathname === '/logout') return Response.redirect(`${baseUrl}/auth/logout`)
  if (pathname.startsWith('/auth/')) return auth0.middleware(request)
  const session = await auth0.getSession(request)
  if (pathname === '/') return Response.json({ user: session?.user.email ?? null })
  if (pathname !== '/message' && pathname !== '/refreshed') return new Response(null, { status: 404 })
  const kept = new NextResponse()
  const { token } = await auth0.getAccessToken(request, kept, { refresh: pathname === '/refreshed' })
  return Response.json(await readMessage(token), { headers: kept.headers })
}

createServer(async (incoming, outgoing) => {
  try {
    const body = incoming.method === 'POST' ? { body: await text(incoming) } : {}
    const { method, headers, url } = incoming
    const response = await answer(new NextRequest(`${baseUrl}${url}`, { method, headers, ...body }))
    outgoing.statusCode = response.status
    for (const [name, value] of response.headers) outgoing.appendHeader(name, value)
    outgoing.end(await response.text())
  } catch (error) {
    console.error(error)
    outgoing.writeHead(500).end(String(error))
  }
}).listen(port, 'localhost')
