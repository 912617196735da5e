import type { RouteAccess } from '../access/access.ts'
import type { ListedRoute } from './listed-route.ts'
import { markedAccess } from './marks.ts'

/** What this file reads of Express, the same in 4 and 5 but where noted. */
interface Layer {
  handle: object & { stack?: Layer[] }
  name: string
  route?: Route | undefined
  method?: string | undefined
  /** Express 5: what was given to `use`. */
  rawPath?: unknown
  /** Express 4: what became of it. */
  regexp?: RegExp & { fast_slash?: boolean }
  keys?: { name: string | number }[]
}

interface Route {
  path: unknown
  stack: Layer[]
}

/** A guard that stands before every route under a path. */
interface Standing {
  prefix: string
  access: RouteAccess
}

/**
 * Every route of an Express application, mounted routers included. A guard counts for a route when it was declared
 * before it: among its own handlers, or by `use` on the way there. A mounted application is listed as a whole, as its
 * routes are its own business.
 *
 * @throws Error where Express does not tell where a router is mounted (5.0 and 5.1)
 */
export function expressRoutes(app: object): ListedRoute[] {
  const router = routerOf(app)
  if (!hasStack(router)) throw new TypeError('This is no Express application')
  return walk(router.stack, '', [])
}

/** Express 5 has `router`; in Express 4 that name throws, and `_router` is there once something was declared. */
function routerOf(app: object): unknown {
  const old: unknown = Reflect.get(app, '_router')
  return old ?? Reflect.get(app, 'router')
}

function hasStack(value: unknown): value is { stack: Layer[] } {
  return typeof value === 'function' && Array.isArray(Reflect.get(value, 'stack'))
}

function walk(stack: readonly Layer[], prefix: string, inherited: readonly Standing[]): ListedRoute[] {
  const standing = [...inherited]
  const routes: ListedRoute[] = []
  const over = (path: string) =>
    standing.filter((guard) => isWithin(path, guard.prefix)).map(({ access }) => access)
  for (const layer of stack) {
    const mark = markedAccess(layer.handle)
    if (layer.route !== undefined) {
      for (const path of [layer.route.path].flat(Infinity).map((one) => joined(prefix, String(one))))
        for (const [method, access] of methodsOf(layer.route))
          routes.push({ method, path, access: [...over(path), ...access] })
    } else if (mark !== undefined) {
      for (const path of mountPaths(layer)) standing.push({ prefix: joined(prefix, path), access: mark })
    } else if (layer.handle.stack !== undefined) {
      for (const path of mountPaths(layer))
        routes.push(...walk(layer.handle.stack, joined(prefix, path), standing))
    } else if (layer.name === 'mounted_app') {
      for (const path of mountPaths(layer).map((one) => joined(prefix, one)))
        routes.push({ method: 'ALL', path: joined(path, '*'), access: over(path) })
    }
  }
  return routes
}

/** A guard counts where a handler comes after it. */
function methodsOf(route: Route): Map<string, RouteAccess[]> {
  const methods = new Map<string, RouteAccess[]>()
  const names = new Set(route.stack.map((layer) => methodOf(layer)))
  for (const name of names) {
    const handlers = route.stack.filter((layer) => methodOf(layer) === name || methodOf(layer) === 'ALL')
    methods.set(
      name,
      handlers.slice(0, -1).flatMap(({ handle }) => markedAccess(handle) ?? []),
    )
  }
  return methods
}

function methodOf(layer: Layer): string {
  return layer.method?.toUpperCase() ?? 'ALL'
}

function mountPaths(layer: Layer): string[] {
  if (layer.rawPath !== undefined) return [layer.rawPath].flat(Infinity).map(String)
  if (layer.regexp === undefined)
    throw new Error('This version of Express does not tell where a router is mounted')
  return [layer.regexp.fast_slash === true ? '/' : pathOfExpression(layer.regexp, layer.keys ?? [])]
}

/** Express 4 keeps only the expression that a mount path was turned into; this turns it back. */
function pathOfExpression(expression: RegExp, keys: readonly { name: string | number }[]): string {
  const names = keys.map(({ name }) => `:${name}`)
  return expression.source
    .replace(/^\^/, '')
    .replace(/\\\/\?\(\?=\\\/\|\$\)$/, '')
    .replaceAll(
      /\(\?:\\?\/?\(\[\^\\?\/\]\+\?\)\)|\(\?:\(\[\^\\?\/\]\+\?\)\)/g,
      (group) => (group.startsWith('(?:\\/') ? '/' : '') + (names.shift() ?? ':?'),
    )
    .replaceAll('\\/', '/')
    .replaceAll(/\\(.)/g, '$1')
}

function joined(prefix: string, path: string): string {
  return `${prefix.replace(/\/$/, '')}/${path.replace(/^\//, '')}`.replace(/(?<=.)\/$/, '')
}

function isWithin(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)
}
