import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ApiError, invalidBody, invalidPath, invalidQuery } from './api-error.ts'

interface Bounds {
  depth: number
  /** Members and elements of the whole input. */
  values: number
  /** Characters of one text. */
  length: number
}

/** An import sends many users in one body. The schema of each route bounds its texts. */
const managementBounds: Bounds = { depth: 64, values: 100_000, length: Number.POSITIVE_INFINITY }
/** All other routes take parameters. The longest are tokens, assertions and lists of scopes. */
const parameterBounds: Bounds = { depth: 4, values: 200, length: 16_384 }

/**
 * Checks every request's path, query and body before its route sees them: no NUL and no lone surrogates (PostgreSQL
 * stores neither, `encodeURIComponent` throws for the latter), no member that reaches a prototype, bounded size.
 */
export function boundInput(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    const { maxValues: values } = request.routeOptions.config
    const usual = isManagement(request) ? managementBounds : parameterBounds
    const bounds = values === undefined ? usual : { ...usual, values }
    const parts: [unknown, (detail: string) => ApiError][] = [
      [request.params, invalidPath],
      [request.query, invalidQuery],
      [request.body, invalidBody],
    ]
    for (const [input, refuse] of parts) {
      const reason = findInputProblem(input, bounds)
      if (reason !== undefined) throw refuse(`'${reason}'`)
    }
  })
}

/** Whether both databases store this text unchanged. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function isManagement({ routeOptions, url }: FastifyRequest): boolean {
  return (routeOptions.url ?? url).startsWith('/api/v2')
}

/**
 * Iterates instead of recursing, so that deep nesting does not exhaust the stack.
 * @returns why the input is refused, or undefined
 */
export function findInputProblem(input: unknown, bounds = managementBounds): string | undefined {
  const pending: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }]
  let seen = 0
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next
    if (++seen > bounds.values) return `Too many values, maximum ${bounds.values}`
    if (typeof value === 'string') {
      if (!isStorable(value)) return 'Text must be well-formed Unicode without U+0000'
      if (value.length > bounds.length) return `String is too long, maximum ${bounds.length}`
    } else if (typeof value === 'object' && value !== null) {
      if (depth === bounds.depth) return `Nested too deeply, maximum ${bounds.depth}`
      for (const [name, member] of Object.entries(value)) {
        const problem = findNameProblem(name)
        if (problem !== undefined) return problem
        pending.push({ value: member, depth: depth + 1 })
      }
    }
  }
  return undefined
}

function findNameProblem(name: string): string | undefined {
  if (name === '__proto__') return `A member must not be named ${name}`
  return isStorable(name) ? undefined : 'Names must be well-formed Unicode without U+0000'
}
