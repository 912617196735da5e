import { readFile } from 'node:fs/promises'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Context } from '../context.ts'
import { randomSecret } from '../crypto/secrets.ts'
import { frameOf, sendPage } from '../pages/page-request.ts'
import { hasOwner } from '../roles/owners.ts'
import { noOwnerPage } from './no-owner-page.ts'

const built = new URL('../../../dashboard/dist/', import.meta.url)
const noncePlace = 'CSP_NONCE'
const nonceBytes = 16

/**
 * Serves `index.html` for every path below `/dashboard/` that is not a file, once there is an owner. Names of assets contain a hash of the content,
 * and assets are compressed at build time. A new build is served without a restart.
 */
export async function pageRoutes(app: FastifyInstance, ctx: Context): Promise<void> {
  await app.register(fastifyStatic, {
    root: new URL('assets/', built),
    prefix: '/dashboard/assets/',
    preCompressed: true,
    index: false,
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply) => {
      void reply.headers({
        'cache-control': 'public, max-age=31536000, immutable',
        // The worker that stores refresh tokens has the policy of the response it was loaded from.
        'content-security-policy': "default-src 'none'; connect-src 'self'",
        'cross-origin-resource-policy': 'same-origin',
      })
    },
  })
  for (const [file, type] of Object.entries(rootFiles))
    app.get(`/dashboard/${file}`, (_request, reply) => sendRootFile(reply, file, type))
  app.get('/dashboard', (_request, reply) => reply.redirect('/dashboard/'))
  app.get('/dashboard/', async (request, reply) => {
    if (await hasOwner(ctx.store.db)) return sendDashboard(reply, ctx.config.issuer)
    const view = { ctx, request, reply }
    return sendPage(view, 200, noOwnerPage(await frameOf(view)))
  })
  app.get('/dashboard/*', (_request, reply) => sendDashboard(reply, ctx.config.issuer))
}

const rootFiles = {
  'favicon.svg': 'image/svg+xml',
  'color-scheme.js': 'text/javascript; charset=utf-8',
}

async function sendRootFile(reply: FastifyReply, file: string, type: string): Promise<FastifyReply> {
  const content = await readBuilt(file)
  if (content === undefined) return reply.code(404).send()
  return reply.type(type).header('cache-control', 'public, max-age=3600').send(content)
}

async function sendDashboard(reply: FastifyReply, issuer: string): Promise<FastifyReply> {
  const page = await readBuilt('index.html')
  if (page === undefined)
    return reply
      .code(503)
      .type('text/plain; charset=utf-8')
      .send(
        'The dashboard is not built yet: run `npm run build -w @rolecall/dashboard`, or start with `npm start`.\n',
      )
  const nonce = randomSecret(nonceBytes)
  return (
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-security-policy', policy(nonce, issuer))
      // Trying a call as a user opens a log-in window that posts its result to the opener.
      .header('cross-origin-opener-policy', 'same-origin-allow-popups')
      .send(page.replaceAll(noncePlace, nonce))
  )
}

/**
 * Allows own resources only, and nothing inline except the component library's `<style>` elements, by nonce (ASVS 3.4.3).
 * React sets style attributes through the DOM, to which the policy does not apply. The frame is for the silent log-in.
 */
function policy(nonce: string, issuer: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "frame-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(issuer.startsWith('https:') ? ['upgrade-insecure-requests'] : []),
  ].join('; ')
}

async function readBuilt(file: string): Promise<string | undefined> {
  try {
    return await readFile(new URL(file, built), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
