import type { ProofRequest } from '../dpop/proof.ts'
import type { Subject } from '../token/subject.ts'

/**
 * What a requirement can see of a request besides its subject.
 *
 * @example
 * ```ts
 * import { predicate, type RequestView } from '@rolecall/guard'
 *
 * const isGet = ({ method }: RequestView) => method === 'GET'
 * const readOnly = predicate('read-only', (_subject, request) => isGet(request))
 * ```
 */
export interface RequestView {
  readonly method: string
  /** Path of the request target, without the query. */
  readonly path: string
  /** Parameters of the matched route. Empty for `fetch` handlers and `node:http`, which have no router. */
  readonly params: Readonly<Record<string, unknown>>
  /** The framework's own request object. */
  readonly request: unknown
  /** What a DPoP proof is compared with. Without it, requests with the scheme DPoP are refused. */
  readonly proof?: () => ProofRequest
}

/**
 * What a valid token must satisfy. Requirements nest: {@link allOf}, {@link anyOf}.
 *
 * @example
 * ```ts
 * import type { Requirement } from '@rolecall/guard'
 *
 * const staff: Requirement = {
 *   names: [],
 *   allows: (subject) => subject.claims['department'] === 'staff',
 *   toString: () => 'staff',
 * }
 * ```
 */
export interface Requirement {
  /** Names of permissions and scopes, for the challenge (RFC 6750 §3) and for lists of routes. */
  readonly names: readonly string[]
  /** Whether the subject satisfies the requirement. `view` describes the request; it is created when called. */
  allows(subject: Subject, view: () => RequestView): boolean | Promise<boolean>
  /** For lists of routes: `read:a and (read:b or read:c)`. */
  toString(): string
}

/**
 * A permission as a class, in the style of the tutorial. Override `allows` to check more than the permission.
 *
 * @example
 * ```ts
 * import { HasPermission } from '@rolecall/guard'
 *
 * class HasAdminPermission extends HasPermission {
 *   readonly permission = 'read:admin-messages'
 * }
 * new HasAdminPermission().names // => ['read:admin-messages']
 * ```
 */
export abstract class HasPermission implements Requirement {
  abstract readonly permission: string

  get names(): readonly string[] {
    return [this.permission]
  }

  allows(subject: Subject, _view: () => RequestView): boolean | Promise<boolean> {
    return subject.permissions.includes(this.permission)
  }

  toString(): string {
    return this.permission
  }
}

/**
 * A requirement in any of its spellings. A string is the name of a permission.
 *
 * @example
 * ```ts
 * import { HasPermission, type RequirementLike, scopes } from '@rolecall/guard'
 *
 * class CanRead extends HasPermission {
 *   readonly permission = 'read:messages'
 * }
 * const spellings: RequirementLike[] = ['read:messages', CanRead, scopes('read')]
 * ```
 */
export type RequirementLike = (string & {}) | Requirement | (new () => Requirement)

/**
 * Requires that the `permissions` claim holds a name. Where a requirement is expected, the string alone means the same.
 *
 * @throws TypeError when the name is not a scope-token (RFC 6749 §3.3)
 *
 * @example
 * ```ts
 * import { permission } from '@rolecall/guard'
 *
 * permission('read:messages').allows(subject, view) // => true
 * ```
 */
export function permission(name: string): Requirement {
  const names = [validateName(name)]
  return { names, allows: (subject) => subject.permissions.includes(name), toString: () => name }
}

/**
 * Requires that the `scope` claim holds every one of these names (RFC 8693 §4.2).
 *
 * @throws TypeError without a name, and when one is not a scope-token (RFC 6749 §3.3)
 *
 * @example
 * ```ts
 * import { scopes } from '@rolecall/guard'
 *
 * scopes('read', 'write').toString() // => 'scope read and scope write'
 * ```
 */
export function scopes(...required: readonly string[]): Requirement {
  const names = assertNotEmpty(required.map(validateName))
  return {
    names,
    allows: (subject) => names.every((name) => subject.scope.includes(name)),
    toString: () => names.map((name) => `scope ${name}`).join(' and '),
  }
}

/**
 * Requires all of the given requirements.
 *
 * @throws TypeError without a requirement, and when one is not valid
 *
 * @example
 * ```ts
 * import { allOf } from '@rolecall/guard'
 *
 * allOf('read:messages', 'write:messages').names // => ['read:messages', 'write:messages']
 * ```
 */
export function allOf(...parts: readonly RequirementLike[]): Requirement {
  return combine(assertNotEmpty(parts.map(requirementOf)), 'and', false)
}

/**
 * Requires at least one of the given requirements.
 *
 * @throws TypeError without a requirement, and when one is not valid
 *
 * @example
 * ```ts
 * import { anyOf } from '@rolecall/guard'
 *
 * anyOf('read:messages', 'read:everything').allows(subject, view) // => true
 * ```
 */
export function anyOf(...parts: readonly RequirementLike[]): Requirement {
  return combine(assertNotEmpty(parts.map(requirementOf)), 'or', true)
}

/**
 * A rule of your own. Only `true`, or a promise of `true`, allows. An error that the rule throws fails the request, as an
 * error of a handler does.
 *
 * @param label names the rule in lists of routes
 *
 * @example
 * ```ts
 * import { predicate } from '@rolecall/guard'
 *
 * const self = predicate('self', (subject, { params }) => params['id'] === subject.sub)
 * String(self) // => 'self'
 * ```
 */
export function predicate(
  label: string,
  rule: (subject: Subject, view: RequestView) => boolean | Promise<boolean>,
): Requirement {
  return {
    names: [],
    allows: (subject, view) => {
      const answer = rule(subject, view())
      return answer instanceof Promise ? answer.then(isTrue) : isTrue(answer)
    },
    toString: () => label,
  }
}

/**
 * Turns any spelling of a requirement into the requirement.
 *
 * @throws TypeError when it is not a requirement, and when a name is not a scope-token (RFC 6749 §3.3)
 *
 * @example
 * ```ts
 * requirementOf('read:messages').names // => ['read:messages']
 * ```
 */
export function requirementOf(like: RequirementLike): Requirement {
  if (typeof like === 'string') return permission(like)
  const requirement = typeof like === 'function' ? new like() : like
  if (typeof requirement?.allows !== 'function') throw new TypeError('This is not a requirement')
  for (const name of requirement.names) validateName(name)
  return requirement
}

/** @param decisive the answer of one part that decides the whole: false for `and`, true for `or` */
function combine(parts: readonly Requirement[], operator: 'and' | 'or', decisive: boolean): Requirement {
  const evaluate = (
    remaining: readonly Requirement[],
    subject: Subject,
    view: () => RequestView,
  ): boolean | Promise<boolean> => {
    for (const [index, part] of remaining.entries()) {
      const answer = part.allows(subject, view)
      if (answer instanceof Promise)
        return answer.then((resolved) =>
          resolved === decisive ? decisive : evaluate(remaining.slice(index + 1), subject, view),
        )
      if (answer === decisive) return decisive
    }
    return !decisive
  }
  const combined: Requirement = {
    names: [...new Set(parts.flatMap(({ names }) => names))],
    allows: (subject, view) => evaluate(parts, subject, view),
    toString: () => (parts.length === 1 ? String(parts[0]) : `(${parts.join(` ${operator} `)})`),
  }
  combinations.set(combined, { operator, parts })
  return combined
}

const combinations = new WeakMap<Requirement, { operator: 'and' | 'or'; parts: readonly Requirement[] }>()

/**
 * The parts of a requirement that `allOf` or `anyOf` has made. Undefined for any other.
 *
 * @example
 * ```ts
 * combinationOf(allOf('read:messages', 'write:messages'))?.operator // => 'and'
 * combinationOf(permission('read:messages')) // => undefined
 * ```
 */
export function combinationOf(
  requirement: Requirement,
): { operator: 'and' | 'or'; parts: readonly Requirement[] } | undefined {
  return combinations.get(requirement)
}

/** A rule in JavaScript can return anything. Truthy values do not allow. */
function isTrue(answer: unknown): boolean {
  return answer === true
}

/** RFC 6749 §3.3, scope-token: anything else could break out of the challenge. */
function validateName(name: string): string {
  if (typeof name !== 'string' || !/^[\x21\x23-\x5B\x5D-\x7E]+$/.test(name))
    throw new TypeError(
      `The name of a permission must be printable ASCII without space, quote and backslash: ${JSON.stringify(name)}`,
    )
  return name
}

function assertNotEmpty<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length === 0) throw new TypeError('A requirement needs at least one part')
  return items
}
