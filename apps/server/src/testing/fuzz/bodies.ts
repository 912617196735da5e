import * as fc from 'fast-check'
import { fromSchema, type JsonSchema } from './from-schema.ts'
import { encoded } from './request.ts'
import { encodedJunk, hostileText, illTyped } from './values.ts'

interface Body {
  type: string
  text: string
}

const json = 'application/json'
const marker = '~~~raw~~~'

/** Bodies for a schema: most fit it, the others have one wrong member, or are not what they say. */
export function jsonBodies(schema: JsonSchema): fc.Arbitrary<Body> {
  const right = fromSchema(schema)
  return fc.oneof(
    { weight: 10, arbitrary: right.map((value) => ({ type: json, text: JSON.stringify(value) })) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(right, fc.nat(1_000), illTyped)
        .map(([value, place, wrong]) => ({ type: json, text: withWrongMember(value, place, wrong) })),
    },
    { weight: 1, arbitrary: illTyped.map((text) => ({ type: json, text })) },
    { weight: 2, arbitrary: right.chain((value) => damaged(JSON.stringify(value))) },
  )
}

/** Replaces one of the value's members, or adds one. */
function withWrongMember(value: unknown, place: number, wrong: string): string {
  const copy: unknown = JSON.parse(JSON.stringify(value))
  const places: [Record<string, unknown>, string][] = []
  const walk = (one: unknown) => {
    if (typeof one !== 'object' || one === null) return
    for (const key of Object.keys(one)) {
      places.push([one as Record<string, unknown>, key])
      walk((one as Record<string, unknown>)[key])
    }
    if (!Array.isArray(one)) places.push([one as Record<string, unknown>, 'unknown_member'])
  }
  walk(copy)
  const [holder, key] = places[place % Math.max(1, places.length)] ?? []
  if (!holder || key === undefined) return wrong
  holder[key] = marker
  return JSON.stringify(copy).replace(`"${marker}"`, () => wrong)
}

function damaged(text: string): fc.Arbitrary<Body> {
  return fc.oneof(
    fc.nat(text.length).map((end) => ({ type: json, text: text.slice(0, end) })),
    fc.constantFrom(
      { type: json, text: '' },
      { type: json, text: ' ' },
      { type: json, text: `\ufeff${text}` },
      { type: json, text: `[${text}]` },
      { type: json, text: `${text}${text}` },
      { type: json, text: text.replace('{', '{"a":1,"a":1,') },
      { type: json, text: text.replace('{', '{"__proto__":{"a":1},') },
      { type: `${json}; charset=utf-16`, text },
      { type: 'text/plain', text },
      { type: 'application/xml', text: '<a/>' },
      { type: 'application/x-www-form-urlencoded', text: 'name=x&name=y' },
      { type: 'multipart/form-data', text },
      { type: 'multipart/form-data; boundary=x', text: '--x\r\n' },
      { type: '', text },
      { type: 'application/json;;', text },
    ),
  )
}

export interface Field {
  name: string
  /** A value that is right at this place; several are chosen from. */
  right: string[]
  optional?: boolean
}

/** Encoded parameters of a query or a form: all right, or some missing, wrong, repeated or not encoded rightly. */
export function parameters(fields: readonly Field[]): fc.Arbitrary<string> {
  const right = fc
    .tuple(
      ...fields.map(({ name, right: values, optional }) =>
        fc.option(
          fc.constantFrom(...values).map((value) => `${name}=${encoded(value)}`),
          { nil: '', freq: optional ? 2 : Number.MAX_SAFE_INTEGER },
        ),
      ),
    )
    .map((pairs) => pairs.filter(Boolean))
  const names = [...fields.map(({ name }) => name), 'unknown', '__proto__', 'a[b]', '']
  const change = fc.tuple(
    fc.constantFrom(...names),
    fc.oneof(hostileText.map(encoded), hostileText.map(encoded), encodedJunk),
    fc.constantFrom('replace', 'replace', 'repeat', 'drop'),
  )
  const changed = fc
    .tuple(right, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([pairs, changes]) => {
      let result = pairs
      for (const [name, value, what] of changes) {
        if (what !== 'repeat') result = result.filter((pair) => !pair.startsWith(`${name}=`))
        if (what !== 'drop') result = [...result, `${name}=${value}`]
      }
      return result
    })
  return fc.oneof(right, changed).map((pairs) => pairs.join('&'))
}

/** Bodies of a form. A few are JSON, cut off or of another type. */
export function formBodies(fields: readonly Field[], alsoJson: boolean): fc.Arbitrary<Body> {
  const form = 'application/x-www-form-urlencoded'
  const right = parameters(fields).map((text) => ({ type: form, text }))
  const asJson: JsonSchema = {
    type: 'object',
    required: fields.filter(({ optional }) => !optional).map(({ name }) => name),
    properties: Object.fromEntries(fields.map(({ name, right: values }) => [name, { enum: values }])),
  }
  return fc.oneof(
    { weight: 8, arbitrary: right },
    { weight: alsoJson ? 6 : 1, arbitrary: jsonBodies(asJson) },
    {
      weight: 1,
      arbitrary: right.chain(({ text }) =>
        fc.constantFrom(
          { type: form, text: '' },
          { type: form, text: `&&=&${text}` },
          { type: form, text: `${text}&${'a=b&'.repeat(2_000)}` },
          { type: `${form}; charset=utf-7`, text },
          { type: 'text/plain', text },
          { type: 'multipart/form-data; boundary=x', text },
        ),
      ),
    },
  )
}
