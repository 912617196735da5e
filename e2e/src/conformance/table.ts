import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from '../start/launcher.ts'

export interface Row {
  section: 'clients' | 'sdks' | 'issuers'
  name: string
  cells: string[]
}

const file = join(root, 'docs/compatibility.md')
const headings = {
  clients: ['| client | SDK | over http | over https |', '|---|---|---|---|'],
  sdks: ['| SDK or tool | version | over | passes | does not pass | to know |', '|---|---|---|---|---|---|'],
  issuers: ['| issuer | passes | does not pass |', '|---|---|---|'],
}

/**
 * Writes the rows into `docs/compatibility.md`. A row that was not tried this time stays as it is.
 * @param order every row there is, as [section, name]
 * @returns the names of the rows that differ from what was there
 */
export function writeTable(rows: Row[], order: [Row['section'], string][]): string[] {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const lines = order.map(([section, name]) => {
    const row = rows.find((one) => one.section === section && one.name === name)
    const start = `| ${name} |`
    const committed = before.split('\n').find((line) => line.startsWith(start))
    return { section, name, committed, line: row ? `| ${[name, ...row.cells].join(' | ')} |` : committed }
  })
  const table = (section: Row['section']) =>
    [
      ...headings[section],
      ...lines.flatMap((row) => (row.section === section && row.line !== undefined ? [row.line] : [])),
    ].join('\n')
  writeFileSync(file, page(table))
  return lines.filter(({ line, committed }) => line !== committed).map(({ name }) => name)
}

/** For a cell. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/localhost:\d+/g, 'localhost')
    .replaceAll('|', String.raw`\|`)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}

const page = (table: (section: Row['section']) => string) => `# Compatibility

What \`npm run conformance\` finds when it tries published SDKs and tools, unmodified, against a running system. It writes this page and
fails where a row differs from the committed one. \`npm run conformance -- --only <name>\` tries one of them.

## Client applications

Each of the ten clients takes five journeys in a browser: a person signs up, is refused the admin message and logs out; an admin
reads the admin message, after a reload too, until the role is taken away; a guarded page requests a log-in, comes back, and
uses the session of another tab; a refused log-in and an unknown page are explained; axe finds no flaw. Over https the client is on
http and the cookies of the authorization server are withheld, as browsers do that block third-party cookies.

${table('clients')}

## SDKs and tools

Web applications and pages log in, reload, use the access token at the Hello World API, renew it and log out; each row says which
of these the SDK offers. SDKs that know https only need the certificate authority trusted: [https on this machine](guides/https.md).

${table('sdks')}

\`auth0-react\`, \`auth0-vue\` and \`auth0-angular\` are tried as parts of the clients above.

### passport-auth0 and /userinfo

\`passport-auth0\` reads the profile with the access token in the query, which ends in logs and histories. Rolecall refuses that
(RFC 9700 §4.3.2, OAuth 2.1 §5.1); the log-in then fails with \`failed to fetch user profile\`. Send it in the header instead:

\`\`\`js
const strategy = new Auth0Strategy(options, verify)
strategy._oauth2.useAuthorizationHeaderforGET(true)
\`\`\`

## Issuers other than Rolecall

The Hello World API and the React client, pointed at another issuer by their environment alone.

${table('issuers')}
`
