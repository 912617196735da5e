import { isJsonObject } from '../token/json.ts'
import { describeAll, type ListedRoute } from './listed-route.ts'

/**
 * A copy of an OpenAPI document that says on each operation what its route requires. `x-permissions` lists the names of
 * permissions and scopes: empty where a valid token is enough, absent on public operations. `x-access` is the access as text,
 * alternatives included.
 *
 * @example
 * ```ts
 * import { withPermissions } from '@rolecall/guard/routes'
 *
 * const route = { method: 'GET', path: '/me', access: [{ kind: 'authenticated' }] } as const
 * const document = withPermissions({ paths: { '/me': { get: {} } } }, [route])
 * document.paths['/me'].get // => { 'x-access': 'authenticated', 'x-permissions': [] }
 * ```
 */
export function withPermissions<Document extends { paths?: object }>(
  document: Document,
  routes: readonly ListedRoute[],
): Document {
  const copy = structuredClone(document)
  for (const { method, path, access } of routes) {
    const operation = operationAt(copy, templateOf(path), method.toLowerCase())
    if (operation === undefined) continue
    operation['x-access'] = describeAll(access)
    if (access.every(({ kind }) => kind === 'public' || kind === 'optional')) continue
    operation['x-permissions'] = access.flatMap((one) =>
      one.kind === 'required' ? one.requirement.names : [],
    )
  }
  return copy
}

function operationAt(
  document: { paths?: object },
  path: string,
  method: string,
): Record<string, unknown> | undefined {
  const item: unknown = Reflect.get(document.paths ?? {}, path)
  const operation: unknown = isJsonObject(item) ? item[method] : undefined
  return isJsonObject(operation) ? operation : undefined
}

/** A framework's `/users/:id(\\d+)` is `/users/{id}` in OpenAPI. */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)(?:\([^)]*\))?\??/g, '{$1}')
}
