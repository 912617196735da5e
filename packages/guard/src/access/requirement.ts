import type { Subject } from '../token/subject.ts'

/** What a requirement may know of the request beside its subject. */
export interface RequestView {
  readonly method: string
  /** Path as it was asked for, without the query. */
  readonly path: string
  /** Parameters of the matched route. */
  readonly params: Readonly<Record<string, unknown>>
  /** The framework's own request object. */
  readonly request: unknown
}

/** Something a caller must satisfy. Predicates may answer later; everything else answers at once. */
export interface Requirement {
  /** Names for the challenge (RFC 6750 §3) and for lists of routes. */
  readonly names: readonly string[]
  allows(subject: Subject, view: () => RequestView): boolean | Promise<boolean>
  /** For people: `read:a and (read:b or read:c)`. */
  toString(): string
}

/** The tutorial's class style: `class HasAdminPermission extends HasPermission { permission = 'read:admin-messages' }`. */
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

/** A requirement in any of its spellings; a string is a permission. */
export type RequirementLike = (string & {}) | Requirement | (new () => Requirement)

/** The `permissions` claim holds this name. */
export function permission(name: string): Requirement {
  const names = [checkedName(name)]
  return { names, allows: (subject) => subject.permissions.includes(name), toString: () => name }
}

/** The `scope` claim holds every one of these. */
export function scopes(...required: readonly string[]): Requirement {
  const names = nonEmpty(required.map(checkedName))
  return {
    names,
    allows: (subject) => names.every((name) => subject.scope.includes(name)),
    toString: () => names.map((name) => `scope ${name}`).join(' and '),
  }
}

/** All of these. */
export function allOf(...parts: readonly RequirementLike[]): Requirement {
  return combined(nonEmpty(parts.map(requirementOf)), 'and', false)
}

/** One of these suffices. */
export function anyOf(...parts: readonly RequirementLike[]): Requirement {
  return combined(nonEmpty(parts.map(requirementOf)), 'or', true)
}

/**
 * A rule of your own. It allows with `true` and nothing else; a throw fails the request as any error of a handler does.
 *
 * @param label what to call it in lists of routes
 */
export function predicate(
  label: string,
  rule: (subject: Subject, view: RequestView) => boolean | Promise<boolean>,
): Requirement {
  return {
    names: [],
    allows: (subject, view) => {
      const answer = rule(subject, view())
      return answer instanceof Promise ? answer.then(strictly) : strictly(answer)
    },
    toString: () => label,
  }
}

/** @throws TypeError when it is none, or when a name cannot be a scope-token */
export function requirementOf(like: RequirementLike): Requirement {
  if (typeof like === 'string') return permission(like)
  const requirement = typeof like === 'function' ? new like() : like
  if (typeof requirement?.allows !== 'function') throw new TypeError('This is not a requirement')
  for (const name of requirement.names) checkedName(name)
  return requirement
}

function combined(parts: readonly Requirement[], word: 'and' | 'or', settling: boolean): Requirement {
  const decide = (
    rest: readonly Requirement[],
    subject: Subject,
    view: () => RequestView,
  ): boolean | Promise<boolean> => {
    for (const [index, part] of rest.entries()) {
      const answer = part.allows(subject, view)
      if (answer instanceof Promise)
        return answer.then((late) =>
          late === settling ? settling : decide(rest.slice(index + 1), subject, view),
        )
      if (answer === settling) return settling
    }
    return !settling
  }
  return {
    names: [...new Set(parts.flatMap(({ names }) => names))],
    allows: (subject, view) => decide(parts, subject, view),
    toString: () => (parts.length === 1 ? String(parts[0]) : `(${parts.join(` ${word} `)})`),
  }
}

/** JavaScript may answer anything: true allows, and nothing else. */
function strictly(answer: unknown): boolean {
  return answer === true
}

/** RFC 6749 §3.3, scope-token: what can stand in a challenge without breaking it. */
function checkedName(name: string): string {
  if (typeof name !== 'string' || !/^[\x21\x23-\x5B\x5D-\x7E]+$/.test(name))
    throw new TypeError(
      `A permission's name is printable ASCII without space, quote and backslash: ${JSON.stringify(name)}`,
    )
  return name
}

function nonEmpty<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length === 0) throw new TypeError('A requirement without parts would allow everything or nothing')
  return items
}
