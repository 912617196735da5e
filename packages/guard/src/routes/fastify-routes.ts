import type { FastifyInstance } from 'fastify'
import type { RouteAccess } from '../access/access.ts'
import type { ListedRoute } from './listed-route.ts'

type Server = FastifyInstance['server']
type GuardedRoutes = Map<string, RouteAccess>

/** By server, which every context of an application shares. */
const guarded = new WeakMap<Server, GuardedRoutes>()

/** Notes what the guard asks for a route. */
export function recordRoute(
  server: Server,
  methods: readonly string[],
  url: string,
  access: RouteAccess,
): void {
  const routes: GuardedRoutes = guarded.get(server) ?? new Map()
  for (const method of methods) routes.set(`${method} ${url}`, access)
  guarded.set(server, routes)
}

/**
 * Every route of a Fastify application, whichever plugin declared it and whether the guard has seen it or not.
 *
 * Call it when the application is ready.
 */
export function fastifyRoutes(app: FastifyInstance): ListedRoute[] {
  const known = guarded.get(app.server)
  return declaredRoutes(app.printRoutes()).map(({ method, path }) => {
    const access = known?.get(`${method} ${path}`)
    return { method, path, access: access === undefined ? [] : [access] }
  })
}

const branch = /^(?<indent>(?:│ {3}| {4})*)[├└]── (?<part>.*?)(?: \((?<methods>[A-Z, -]+)\))?(?: \{.*\})?$/u

/** Reads the tree that Fastify prints, the only complete list it gives: each branch goes on where its parent ends. */
function declaredRoutes(tree: string): { method: string; path: string }[] {
  const parents: string[] = []
  const routes: { method: string; path: string }[] = []
  for (const line of tree.split('\n')) {
    const { indent = '', part = '', methods = '' } = branch.exec(line)?.groups ?? {}
    const depth = indent.length / 4
    const path = (parents[depth - 1] ?? '') + part
    parents[depth] = path
    for (const method of methods.split(', ').filter((name) => name !== '')) routes.push({ method, path })
  }
  return routes
}
