import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { type ApiError, invalidBody, invalidPath, invalidQuery } from './api-error.ts'
import { whyRefused } from './input-bounds.ts'

const refusals: Record<string, (detail: string) => ApiError> = {
  body: invalidBody,
  querystring: invalidQuery,
  params: invalidPath,
}

/** Compiles a route's Zod schema for Fastify; what does not fit becomes Auth0's error for that part of the request. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const refuse = refusals[httpPart ?? ''] ?? invalidBody
  return (data: unknown) => {
    const reason = whyRefused(data)
    if (reason !== undefined) return { error: refuse(reason) }
    const result = schema.safeParse(data, { reportInput: true })
    if (result.success) return { value: result.data }
    const [issue] = result.error.issues
    return { error: refuse(issue ? describe(issue) : 'unknown') }
  }
}

type Issue = z.core.$ZodIssue

/** `'<detail>' on property <path> (<what is wrong in words>)`, as Auth0 writes it. */
function describe(issue: Issue): string {
  const path = issue.path.join('.')
  if (issue.code === 'invalid_type' && issue.input === undefined && issue.path.length > 0)
    return `'Missing required property: ${path}'`
  const where = path === '' ? '' : ` on property ${path}`
  return `'${detailOf(issue)}'${where}`
}

function detailOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Expected type ${issue.expected} but found type ${typeName(issue.input)}`
    case 'too_small':
      return sizes[issue.origin]
        ? `${sizes[issue.origin]} is too short, minimum ${issue.minimum}`
        : `Value is less than minimum ${issue.minimum}`
    case 'too_big':
      return sizes[issue.origin]
        ? `${sizes[issue.origin]} is too long, maximum ${issue.maximum}`
        : `Value is greater than maximum ${issue.maximum}`
    case 'invalid_value':
      return `No enum match, must be one of ${issue.values.join(', ')}`
    default:
      return issue.message
  }
}

const sizes: Record<string, string> = { string: 'String', array: 'Array' }

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (Number.isInteger(value)) return 'integer'
  return typeof value
}
