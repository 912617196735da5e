import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { type ApiError, invalidBody, invalidPath, invalidQuery } from './api-error.ts'

const refusals: Record<string, (detail: string) => ApiError> = {
  body: invalidBody,
  querystring: invalidQuery,
  params: invalidPath,
}

/** Compiles a route's Zod schema for Fastify. A failed validation becomes Auth0's error for that part of the request. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const refuse = refusals[httpPart ?? ''] ?? invalidBody
  return (data: unknown) => {
    const result = check(schema, data)
    return 'value' in result ? result : { error: refuse(result.problem) }
  }
}

/**
 * Parses a part of a body whose schema depends on what is stored.
 * @param at where the part is in the body
 * @throws ApiError 400 as for the body itself
 */
export function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  at: string,
): z.output<Schema> {
  const result = check(schema, data, [at])
  if ('value' in result) return result.value
  throw invalidBody(result.problem)
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  at: readonly string[] = [],
): { value: z.output<Schema> } | { problem: string } {
  const result = schema.safeParse(data, { reportInput: true, error: () => withoutMessage })
  if (result.success) return { value: result.data }
  const [issue] = result.error.issues
  const whole = at.reduceRight((part, name) => ({ [name]: part }), data)
  return { problem: issue ? describe({ ...issue, path: [...at, ...issue.path] }, whole) : 'unknown' }
}

type Issue = z.core.$ZodIssue

/** The message of an issue whose schema gives none. It marks the issues that get a message here. */
const withoutMessage = '-'

/** `'<detail>' on property <path>`, as Auth0 writes it. */
function describe(issue: Issue, data: unknown): string {
  const found = valueAt(data, issue.path)
  const path = issue.path.map((part) => String(part).slice(0, 100)).join('.')
  if (issue.message === withoutMessage && found === undefined && path !== '')
    return `'Missing required property: ${path}'`
  const inner = innerIssue(issue)
  if (inner) return describe({ ...inner, path: [...issue.path, ...inner.path] }, data)
  const detail = issue.message === withoutMessage ? detailOf(issue, found) : issue.message
  return `'${detail}'${path && ` on property ${path}`}`
}

/** The value that was sent. The issue holds it after coercion. */
function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = data
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}

/** The issue of a union's best alternative, which is the one whose issue has the longest path. */
function innerIssue(issue: Issue): Issue | undefined {
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') return issue.issues[0]
  if (issue.code !== 'invalid_union') return undefined
  const [best] = issue.errors
    .flatMap(([first]) => (first ? [first] : []))
    .filter(({ code, path }) => code !== 'invalid_type' || path.length > 0)
    .toSorted((one, other) => other.path.length - one.path.length)
  return best
}

function detailOf(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'never' || issue.expected === 'undefined'
        ? 'Must not be given'
        : expectedType([issue], found)
    case 'invalid_union':
      return expectedType(issue.errors.flat(), found)
    case 'too_small':
      return `${rangeText(issue.origin, 'too short', 'less than')} minimum ${issue.minimum}`
    case 'too_big':
      return `${rangeText(issue.origin, 'too long', 'greater than')} maximum ${issue.maximum}`
    case 'invalid_value':
      return `No enum match, must be one of ${issue.values.join(', ')}`
    case 'invalid_format':
      return `Must be ${formats[issue.format] ?? `a valid ${issue.format}`}`
    case 'unrecognized_keys':
      return `Additional properties not allowed: ${issue.keys.join(', ').slice(0, 500)}`
    default:
      return 'Not a value that is allowed here'
  }
}

const sizes: Record<string, string> = { string: 'String', array: 'Array' }

function rangeText(origin: string, ofSize: string, ofValue: string): string {
  return sizes[origin] ? `${sizes[origin]} is ${ofSize},` : `Value is ${ofValue}`
}

const formats: Record<string, string> = {
  datetime: 'a date and time with time zone, such as 2030-01-31T12:00:00Z',
  email: 'an email address',
  url: 'a URL',
}
const typeNames: Record<string, string> = { int: 'integer', record: 'object' }

function expectedType(issues: readonly Issue[], found: unknown): string {
  const expected = issues.flatMap((issue) =>
    issue.code === 'invalid_type' ? [typeNames[issue.expected] ?? issue.expected] : [],
  )
  return `Expected type ${[...new Set(expected)].join(' or ')} but found type ${typeName(found)}`
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (Number.isInteger(value)) return 'integer'
  return typeof value
}
