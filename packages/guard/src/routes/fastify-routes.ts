import { subscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { ListedRoute } from './listed-route.ts'
import { markedAccess } from './marks.ts'

/** A route as it was declared. Fastify reuses the options object for two spellings of a path, so both are kept here. */
interface DeclaredRoute {
  methods: readonly string[]
  path: string
  options: RouteOptions
}

/** The routes of each application, by its server, which all contexts of the application share. */
const declared = new WeakMap<FastifyInstance['server'], DeclaredRoute[]>()

// The application's own onRoute hook sees every route: Fastify publishes an application before a route can be declared.
subscribe('fastify.initialization', (message) => {
  if (!isInitialization(message)) return
  const app = message.fastify
  const routes: DeclaredRoute[] = []
  declared.set(app.server, routes)
  app.addHook('onRoute', (options) => {
    routes.push({ methods: [options.method].flat(), path: options.url, options })
  })
})

/**
 * Every route of a Fastify application, in the order of declaration, whichever plugin declared it and whether the guard
 * applies to it or not.
 *
 * @throws Error when the application was created before this module was imported: its routes were not recorded
 *
 * @example
 * ```ts
 * import { assertCovered, fastifyRoutes } from '@rolecall/guard/routes'
 *
 * await app.ready()
 * assertCovered(fastifyRoutes(app))
 * ```
 */
export function fastifyRoutes(app: FastifyInstance): ListedRoute[] {
  const routes = declared.get(app.server)
  if (routes === undefined)
    throw new Error('Import @rolecall/guard/routes before the Fastify application is created')
  return routes.flatMap(({ methods, path, options }) =>
    methods.map((method) => ({ method, path, access: markedAccess(options) })),
  )
}

function isInitialization(message: unknown): message is { fastify: FastifyInstance } {
  return typeof message === 'object' && message !== null && 'fastify' in message
}
