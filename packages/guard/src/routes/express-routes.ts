import type { RouteAccess } from '../access/access.ts'
import type { ListedRoute } from './listed-route.ts'
import { markedAccess } from './marks.ts'

/** A layer of Express 5: a route, a mounted router or a middleware. */
interface Layer {
  handle: object & { stack?: Layer[] }
  name: string
  route?: Route | undefined
  method?: string | undefined
  /** What was given to `use`. Missing in Express 5.0 and 5.1. */
  rawPath?: unknown
}

interface Route {
  path: unknown
  stack: Layer[]
}

interface Router {
  stack: Layer[]
  /** Public since router 2.3. It names routes and mounted routers, but not the middleware before them. */
  listRoutes?: () => unknown[]
}

/** A guard that was mounted with `use`: it applies to the routes below its path that are declared after it. */
interface MountedGuard {
  prefix: string
  access: readonly RouteAccess[]
}

/**
 * Every route of an Express 5 application, mounted routers included. A guard counts for a route when it is declared before
 * it: among the route's own handlers, or by `use`. A mounted application is listed as one route, `ALL /path/*`.
 *
 * @throws TypeError for an application of Express 4, which has no public way to list its routes
 * @throws Error where Express does not say at which path a router is mounted (5.0 and 5.1)
 *
 * @example
 * ```ts
 * import { describeRoutes, expressRoutes } from '@rolecall/guard/routes'
 *
 * app.get('/health', (_request, response) => void response.end())
 * describeRoutes(expressRoutes(app)) // => 'GET /health: not guarded'
 * ```
 */
export function expressRoutes(app: object): ListedRoute[] {
  const router = routerOf(app)
  if (!isRouter(router)) throw new TypeError('expressRoutes needs an application of Express 5')
  return routesOf(router, '', [])
}

/** Undefined for Express 4, where reading `router` throws. */
function routerOf(app: object): unknown {
  try {
    return Reflect.get(app, 'router')
  } catch {
    return undefined
  }
}

function isRouter(value: unknown): value is Router {
  return typeof value === 'function' && Array.isArray(Reflect.get(value, 'stack'))
}

function routesOf(router: Router, prefix: string, inherited: readonly MountedGuard[]): ListedRoute[] {
  assertAllLayersKnown(router)
  const guards = [...inherited]
  const routes: ListedRoute[] = []
  const requiredAt = (path: string) =>
    guards.filter((guard) => isBelow(path, guard.prefix)).flatMap(({ access }) => access)
  for (const layer of router.stack) {
    const access = markedAccess(layer.handle)
    if (layer.route !== undefined) {
      for (const path of pathsOf(layer.route.path).map((one) => joinPaths(prefix, one)))
        for (const [method, own] of methodsOf(layer.route))
          routes.push({ method, path, access: [...requiredAt(path), ...own] })
    } else if (access.length > 0) {
      for (const path of mountPaths(layer)) guards.push({ prefix: joinPaths(prefix, path), access })
    } else if (isRouter(layer.handle)) {
      for (const path of mountPaths(layer))
        routes.push(...routesOf(layer.handle, joinPaths(prefix, path), guards))
    } else if (layer.name === 'mounted_app') {
      for (const path of mountPaths(layer).map((one) => joinPaths(prefix, one)))
        routes.push({ method: 'ALL', path: joinPaths(path, '*'), access: requiredAt(path) })
    }
  }
  return routes
}

/** Where Express lists its routes itself, the layers must show as many: a route that they hide would go unnoticed. */
function assertAllLayersKnown(router: Router): void {
  if (router.listRoutes === undefined) return
  const known = router.stack.flatMap((layer) => {
    if (layer.route !== undefined) return pathsOf(layer.route.path)
    return isRouter(layer.handle) ? mountPaths(layer) : []
  })
  if (known.length !== router.listRoutes().length)
    throw new Error('This version of Express has routes that expressRoutes cannot read')
}

/** What the guards among a route's handlers require, by method. A guard counts where a handler comes after it. */
function methodsOf(route: Route): Map<string, RouteAccess[]> {
  const methods = new Map<string, RouteAccess[]>()
  for (const name of new Set(route.stack.map(methodOf))) {
    const handlers = route.stack.filter((layer) => methodOf(layer) === name || methodOf(layer) === 'ALL')
    methods.set(
      name,
      handlers.slice(0, -1).flatMap(({ handle }) => markedAccess(handle)),
    )
  }
  return methods
}

function methodOf(layer: Layer): string {
  return layer.method?.toUpperCase() ?? 'ALL'
}

function mountPaths(layer: Layer): string[] {
  if (layer.rawPath === undefined) throw new Error('expressRoutes needs Express 5.2 or newer')
  return pathsOf(layer.rawPath)
}

/** Express takes a path, a regular expression, or a nested list of them. */
function pathsOf(path: unknown): string[] {
  return [path].flat(Infinity).map(String)
}

function joinPaths(prefix: string, path: string): string {
  return `${prefix.replace(/\/$/, '')}/${path.replace(/^\//, '')}`.replace(/(?<=.)\/$/, '')
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)
}
