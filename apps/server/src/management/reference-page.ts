import { type Html, html } from '../http/html.ts'

/** The parts of an OpenAPI document that the page shows. */
interface Document {
  info: { title: string; description?: string }
  paths?: Record<string, Record<string, Operation | undefined> | undefined>
}

interface Operation {
  tags?: string[]
  summary?: string
  description?: string
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[]
  requestBody?: { content?: Record<string, { schema?: Schema; example?: unknown }> }
  responses?: Record<string, unknown>
}

interface Schema {
  type?: string | string[]
  description?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
}

interface Entry extends Operation {
  method: string
  path: string
}

/** The reference as one page without scripts or external content. Each call has its curl command. */
export function referencePage(document: object, issuer: string): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a part of OpenAPI 3.1, which made this document.
  const { info, paths = {} } = document as Document
  const entries = Object.entries(paths).flatMap(([path, methods = {}]) =>
    Object.entries(methods).flatMap(([method, declared]) =>
      declared ? [{ ...declared, method: method.toUpperCase(), path }] : [],
    ),
  )
  const groups = [...Map.groupBy(entries, ({ tags }) => tags?.[0] ?? 'other')]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title}</title>
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header><h1>${info.title}</h1><p>${info.description}</p>
<p>Calls carry <code>Authorization: Bearer …</code>, an access token for <code>${issuer}api/v2/</code>. The same as a document
for programs: <a href="openapi.json">openapi.json</a>.</p></header>
<nav aria-label="Resources"><ul>${groups.map(([tag]) => html`<li><a href="#${tag}">${tag}</a></li>`)}</ul></nav>
<main>${groups.map(([tag, operations]) => section(tag, operations, issuer))}</main>
</body>
</html>
`.text
}

function section(tag: string, entries: Entry[], issuer: string): Html {
  return html`<section id="${tag}"><h2>${tag}</h2>${entries.map((entry) => operation(entry, issuer))}</section>`
}

function operation(entry: Entry, issuer: string): Html {
  const scopes = entry.security?.flatMap((one) => one['bearer'] ?? []) ?? []
  const body = entry.requestBody?.content?.['application/json']?.schema
  const statuses = Object.keys(entry.responses ?? {}).join(', ')
  return html`<article>
<h3><span class="method">${entry.method}</span> <code>${entry.path}</code></h3>
<p>${entry.summary}${entry.summary && '.'} ${prose(entry.description)}</p>
<dl>
<dt>Scope</dt><dd>${scopes.length > 0 ? scopes.map((scope) => html`<code>${scope}</code> `) : 'none'}</dd>
<dt>Answer</dt><dd>${statuses}</dd>
</dl>
${parameterTable(entry.parameters ?? [])}
${body && html`<h4>Body</h4>${propertyTable(body)}`}
<pre tabindex="0"><code>${command(entry, issuer)}</code></pre>
</article>`
}

function parameterTable(parameters: NonNullable<Operation['parameters']>): Html | false {
  return (
    parameters.length > 0 &&
    html`<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th>Description</th></tr></thead><tbody>${parameters.map(
      ({ name, in: where, schema = {}, description = schema.description }) =>
        html`<tr><td><code>${name}</code></td><td>${where}</td><td>${typeOf(schema)}</td><td>${prose(description)}</td></tr>`,
    )}</tbody></table>`
  )
}

function propertyTable(schema: Schema): Html {
  const required = new Set(schema.required)
  return html`<table><thead><tr><th>Member</th><th>Type</th><th>Description</th></tr></thead><tbody>${Object.entries(
    schema.properties ?? {},
  ).map(
    ([name, member]) =>
      html`<tr><td><code>${name}</code></td><td>${typeOf(member)}</td><td>${required.has(name) && 'Required. '}${prose(member.description)}</td></tr>`,
  )}</tbody></table>`
}

function typeOf({ type, enum: values, items, anyOf }: Schema): string {
  if (values) return values.map(String).join(' | ')
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' | ')
  if (type === 'array') return `list of ${items ? typeOf(items) : 'anything'}`
  return type === undefined ? 'anything' : [type].flat().join(' | ')
}

/** Text between backticks in a description is code. */
function prose(text = ''): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

function command({ method, path, requestBody }: Entry, issuer: string): string {
  const lines = [`curl -X ${method} ${issuer.slice(0, -1)}${path}`, `  -H "Authorization: Bearer $TOKEN"`]
  const body = requestBody?.content?.['application/json']
  if (body) {
    const { example = {} } = body
    lines.push(
      '  -H "Content-Type: application/json"',
      `  -d '${JSON.stringify(example).replaceAll("'", String.raw`'\''`)}'`,
    )
  }
  return lines.join(' \\\n')
}

export const referenceStyle = `
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: CanvasText; background: Canvas }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none }
article { border-top: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); padding: .5rem 0 1rem }
h3 { margin: .5rem 0 } h4 { margin: .75rem 0 .25rem }
.method { display: inline-block; min-width: 4.5rem; font: 600 .85rem ui-monospace, monospace }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: .5rem 0 } dd { margin: 0 }
table { border-collapse: collapse; width: 100%; font-size: .9rem } th { text-align: left }
td, th { padding: .15rem .75rem .15rem 0; vertical-align: top; overflow-wrap: anywhere }
pre { padding: .75rem; overflow-x: auto; border-radius: .4rem; background: color-mix(in srgb, CanvasText 8%, Canvas) }
`
