import type { FastifyInstance } from 'fastify'
import { invalidBody } from './api-error.ts'

/**
 * Parses JSON bodies. An empty body with a JSON content type is accepted, because some clients send it with DELETE. A
 * duplicate member is refused: programs differ in which of the two they read (RFC 8259 §4).
 */
export function parseJson(
  app: Pick<FastifyInstance, 'removeContentTypeParser' | 'addContentTypeParser' | 'getDefaultJsonParser'>,
): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    const json = body.toString()
    void parse(request, json, (error, parsed) => {
      const name = error ? undefined : repeatedMember(json)
      if (name === undefined) done(error, parsed)
      else done(invalidBody(`'Named twice in one object: ${name}'`))
    })
  })
}

/** Finds the name of a duplicate member. The text is valid JSON. */
function repeatedMember(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  for (const [token, text, colon] of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (text !== undefined && colon !== undefined) {
      const name = String(JSON.parse(text))
      const names = open.at(-1)
      if (names?.has(name)) return name
      names?.add(name)
    }
  }
  return undefined
}
