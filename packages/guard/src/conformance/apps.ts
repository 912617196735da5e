import 'reflect-metadata'
import { createServer, type RequestListener, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import express from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import { authentication } from '../access/authentication.ts'
import { allOf, anyOf, HasPermission, predicate, scopes } from '../access/requirement.ts'
import { requires as expressRequires } from '../adapters/express.ts'
import { fastifyGuard } from '../adapters/fastify.ts'
import { guarded as fetchGuarded, optional as fetchOptional } from '../adapters/fetch.ts'
import { requires as honoRequires } from '../adapters/hono.ts'
import { CurrentSubject, PermissionsGuard, Requires } from '../adapters/nest.ts'
import { guarded as nodeGuarded, optional as nodeOptional } from '../adapters/node.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'
import { listening, type RunningApp } from './running-app.ts'

export const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'

class HasAdminPermission extends HasPermission {
  readonly permission = 'read:admin-messages'
}

const ownsIt = predicate(
  'owner',
  (subject, { params, path }) => (params['id'] ?? path.slice('/owner/'.length)) === subject.sub,
)

/** The same routes in every framework. */
export const routes: Record<string, Access> = {
  '/public': 'public',
  '/optional': 'optional',
  '/protected': 'authenticated',
  '/admin': 'read:admin-messages',
  '/class': HasAdminPermission,
  '/all': allOf('read:a', 'read:b'),
  '/any': anyOf('read:a', 'read:b'),
  '/scoped': scopes('read', 'write'),
  '/nested': allOf(HasAdminPermission, anyOf(scopes('write'), 'write:all')),
  '/owner/:id': ownsIt,
  '/later': predicate('later', async (subject) => subject.sub === 'user-1'),
  '/step-up': allOf('read:admin-messages', authentication({ acr: [multiFactor, 'gold'], maxAge: 300 })),
  '/broken': predicate('broken', () => {
    throw new Error('a requirement that throws')
  }),
}

/** What every route answers. */
function answer(subject: Subject | undefined): { sub: string | null } {
  return { sub: subject?.sub ?? null }
}

async function onFastify(guard: Guard): Promise<RunningApp> {
  const app = Fastify()
  await app.register(fastifyGuard, { guard })
  for (const [path, access] of Object.entries(routes))
    app.get(path, { config: { access } }, (request) => answer(request.subject))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return listening(app.server)
}

function onExpress(create: typeof express) {
  return async (guard: Guard): Promise<RunningApp> => {
    const app = create()
    for (const [path, access] of Object.entries(routes))
      app.get(
        path,
        expressRequires(guard, access),
        (request, response) => void response.json(answer(request.subject)),
      )
    app.use(
      ((_error, _request, response, _next) =>
        void response.status(500).json({})) as express.ErrorRequestHandler,
    )
    return listening(createServer(app))
  }
}

async function onHono(guard: Guard): Promise<RunningApp> {
  const app = new Hono<{ Variables: { subject: Subject | undefined } }>()
  for (const [path, access] of Object.entries(routes))
    app.get(path, honoRequires(guard, access), (c) => c.json(answer(c.get('subject'))))
  app.onError((_error, c) => c.json({}, 500))
  return listening(serverOf(app.fetch))
}

async function onFetch(guard: Guard): Promise<RunningApp> {
  return listening(
    serverOf(async (request) => {
      const access = accessOf(new URL(request.url).pathname)
      if (access === 'public') return Response.json(answer(undefined))
      const handler =
        access === 'optional'
          ? fetchOptional(guard, (_request, subject) => Response.json(answer(subject)))
          : fetchGuarded(guard, access, (_request, subject) => Response.json(answer(subject)))
      return handler(request).catch(() => Response.json({}, { status: 500 }))
    }),
  )
}

function serverOf(fetch: (request: Request) => Response | Promise<Response>): Server {
  const listener = getRequestListener(fetch)
  return createServer((request, response) => void listener(request, response))
}

async function onNode(guard: Guard): Promise<RunningApp> {
  const listener: RequestListener = (request, response) => {
    const access = accessOf(request.url?.split('?')[0] ?? '/')
    const reply = (subject: Subject | undefined) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answer(subject)))
    }
    if (access === 'public') reply(undefined)
    else if (access === 'optional')
      nodeOptional(guard, (_request, _response, subject) => reply(subject))(request, response)
    else nodeGuarded(guard, access, (_request, _response, subject) => reply(subject))(request, response)
  }
  return listening(createServer(listener))
}

function accessOf(path: string): Access {
  return routes[path.startsWith('/owner/') ? '/owner/:id' : path] ?? 'authenticated'
}

/** Decorators applied by hand: Node runs TypeScript by leaving types out, and decorators are more than types. */
function onNest(adapter: () => ExpressAdapter | FastifyAdapter) {
  return async (guard: Guard): Promise<RunningApp> => {
    // oxlint-disable-next-line typescript/no-extraneous-class -- its handlers are added below
    class Routes {}
    for (const [index, [path, access]] of Object.entries(routes).entries()) {
      const name = `handler${index}`
      Object.defineProperty(Routes.prototype, name, { value: answer, writable: true })
      const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, name)
      if (descriptor === undefined) throw new Error('no such handler')
      // Each route needs its own function, because Nest stores metadata on it.
      descriptor.value = (subject: Subject | undefined) => answer(subject)
      Get(path)(Routes.prototype, name, descriptor)
      Requires(access)(Routes.prototype, name, descriptor)
      Object.defineProperty(Routes.prototype, name, descriptor)
      CurrentSubject()(Routes.prototype, name, 0)
    }
    Controller()(Routes)
    // oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is a class with a decorator
    class AppModule {}
    Module({ controllers: [Routes] })(AppModule)
    const app = await NestFactory.create(AppModule, adapter(), { logger: false })
    app.useGlobalGuards(new PermissionsGuard(guard))
    await app.listen(0, '127.0.0.1')
    const { port } = await listening(app.getHttpServer())
    return { port, close: () => app.close() }
  }
}

/** Every adapter, each serving {@link routes}. */
export const apps: Record<string, (guard: Guard) => Promise<RunningApp>> = {
  Fastify: onFastify,
  'Express 4': onExpress(express4),
  'Express 5': onExpress(express),
  Hono: onHono,
  'NestJS on Express': onNest(() => new ExpressAdapter()),
  'NestJS on Fastify': onNest(() => new FastifyAdapter()),
  fetch: onFetch,
  'node:http': onNode,
}
