import { isJsonObject } from '../token/json.ts'
import { describeAll, type ListedRoute } from './listed-route.ts'

/**
 * An OpenAPI document with `x-permissions` on each operation that is one of these routes: the names it asks for, empty
 * where any good token will do; none on public operations. `x-access` says the same in words, alternatives included.
 *
 * @param document is left as it is
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

/** `/users/:id(\\d+)` of a framework is `/users/{id}` in OpenAPI. */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)(?:\([^)]*\))?\??/g, '{$1}')
}
