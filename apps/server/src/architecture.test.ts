import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'

/** What each folder imports besides itself and the mechanisms. A new arrow is a decision: it changes this list. */
const arrows: Record<string, string> = {
  'main.ts': 'accounts app.ts commands.ts dashboard heap.ts keys system-objects.ts',
  'commands.ts': 'accounts apis connections factors jobs keys logs sessions streams users',
  'app.ts':
    'accounts applications authorization dashboard jobs keys logs management metrics oauth sessions streams',
  oauth:
    'accounts apis applications authorization connections consents factors identities keys logs pages roles sessions system-objects.ts tenant users',
  dashboard: 'apis applications keys logs pages roles system-objects.ts tenant users',
  pages: 'accounts applications tenant',
  management:
    'accounts apis applications authorization connections consents dashboard factors identities jobs keys lazy-migration logs roles sessions streams tenant users',
  authorization: 'apis applications connections keys logs roles tenant users',
  accounts: 'applications connections lazy-migration logs roles sessions system-objects.ts tenant users',
  'system-objects.ts': 'apis applications connections roles',
  apis: 'keys logs',
  applications: 'apis connections logs roles sessions tenant',
  connections: 'logs roles sessions',
  consents: 'apis logs roles sessions',
  factors: 'accounts apis connections identities logs roles sessions tenant users',
  identities: 'connections logs roles sessions tenant users',
  jobs: 'accounts connections logs roles tenant users',
  keys: 'logs',
  'lazy-migration': 'apis connections roles users',
  metrics: 'keys logs streams',
  roles: 'apis logs',
  seed: 'apis roles',
  streams: 'keys logs',
  tenant: 'logs',
  users: 'apis logs roles sessions',
}
const mechanisms = 'http store search crypto mail telemetry context.ts config.ts clock.ts'.split(' ')

/** The tables of each slice. No other slice writes them. */
const tables: Record<string, string> = {
  accounts: 'tickets sign_in_attempts',
  apis: 'apis permissions',
  applications: 'applications client_grants client_grant_permissions secret_uses',
  authorization: 'audience_subjects',
  connections: 'connections connection_applications',
  consents: 'consents consent_scopes',
  factors: 'authentication_methods recovery_codes',
  identities: 'identities',
  jobs: 'jobs job_errors user_imports user_import_batches',
  keys: 'signing_keys',
  logs: 'logs log_targets',
  roles: 'roles role_permissions user_roles user_permissions identity_roles',
  sessions: 'artifacts',
  streams: 'log_streams log_stream_failures',
  tenant: 'settings',
  users: 'users passwords',
}
/** Tables that a slice reads from another one: one query for a page instead of one for each row. */
const joins: Record<string, string> = {
  identities: 'authentication_methods connections passwords',
  logs: 'apis applications connections roles users',
  roles: 'apis permissions users connections identities',
  users: 'identities connections',
}
/** Rules that are one query, and name tables themselves. */
const queries = new Set([
  'roles/attention.ts',
  'roles/effective-permissions.ts',
  'roles/holders.ts',
  'roles/holdings.ts',
  'roles/impact.ts',
  'roles/owners.ts',
  'roles/role-sources.ts',
  'users/linked-accounts.ts',
])

/** The files of each slice besides store.ts, lists.ts, wire.ts and those for routes: its nouns and topics. */
const topics: Record<string, string> = {
  accounts:
    'accounts after-response attempts email-verification moving-in own-account owner-links password-policy password-reset passwords provider-users sign-in sign-up stand-in tickets',
  apis: 'apis management-api permission-marks permission-refs requested-changes',
  applications:
    'applications client-data credentials grants keys origins privilege requested-changes secret-uses secrets',
  authorization:
    'applied-plans apply claims configuration entitlement events explain feed-access feed given-token issued-tokens last-change mark-log operations permission-key plan planned-changes planned-connections planned-user position predicted-claims preview',
  connections: 'connections lazy-migration privilege provider-check provider requested-changes role-mapping',
  consents: 'consents',
  factors:
    'challenges enrolment factors key-names key-verification keys offered own-factors passkeys policy recovery-codes totp usable verification webauthn',
  identities: 'identities linking own-identities profile requested-changes',
  jobs: 'exported-hash hash-export import-runner import-upload imported-hash imported-user jobs records users-export users-import',
  keys: 'key-ring rotation signing-key',
  'lazy-migration': 'ask auth0 limits move old-user webhook',
  logs: 'audited each-part log-buffer log search-fields token-summary',
  roles:
    'assignments attention effective-permissions holders holdings impact owners privilege provider-roles reader-role requested-changes role-permissions role-sources roles',
  sessions: 'device used-proofs',
  streams: 'delivery send streams',
  tenant: 'requested-changes settings',
  users: 'linked-accounts order requested-changes search-metadata search undo user users',
}

const root = join(import.meta.dirname, '../../..')
const server = filesOf('apps/server/src')

test('a folder imports what its arrows name, and every arrow is in use', (t) => {
  const found: Record<string, Set<string>> = {}
  for (const file of server)
    for (const imported of importsOf(file)) {
      const [from, to] = [sliceOf(file), sliceOf(imported)]
      if (from !== to && !mechanisms.includes(to)) (found[from] ??= new Set()).add(to)
    }
  const sorted = Object.entries(found).map(([from, to]) => [from, [...to].toSorted().join(' ')])
  assert.deepEqual(Object.fromEntries(sorted), arrows)
  for (const line of arrowLines()) t.diagnostic(line)
})

test('docs/architecture.md has the list of arrows', () => {
  const document = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const [, shown] = /### Arrows[^]*?```\n([^]*?)\n```/.exec(document) ?? []
  assert.equal(shown, arrowLines().join('\n'))
})

test('no folder imports itself by way of others, except for types among mechanisms', () => {
  const graph = new Map<string, Set<string>>()
  for (const file of server)
    for (const imported of importsOf(file, { types: !mechanisms.includes(sliceOf(file)) }))
      if (sliceOf(imported) !== sliceOf(file))
        graph.set(sliceOf(file), (graph.get(sliceOf(file)) ?? new Set()).add(sliceOf(imported)))
  const done = new Set<string>()
  const visit = (folder: string, path: string[]): void => {
    assert.ok(!path.includes(folder), [...path, folder].join(' → '))
    if (done.has(folder)) return
    for (const imported of graph.get(folder) ?? []) visit(imported, [...path, folder])
    done.add(folder)
  }
  for (const folder of graph.keys()) visit(folder, [])
})

test('store.ts and lists.ts alone name tables, each slice its own', () => {
  const wrong = server
    .filter((file) => tables[sliceOf(file)] !== undefined)
    .flatMap((file) => {
      const slice = sliceOf(file)
      const named = tablesIn(file)
      const own = words(tables[slice])
      const readable = [...own, ...words(joins[slice])]
      const isQueryFile = /^(store|lists)\.ts$/.test(basename(file)) || queries.has(inServer(file))
      return named
        .filter(({ table, writes }) => !(writes ? own : readable).includes(table))
        .map(({ table }) => `${file} names ${table}`)
        .concat(named.length > 0 && !isQueryFile ? [`${file} names tables`] : [])
    })
  assert.deepEqual(wrong, [])
})

test('a slice has routes, rules, store, lists, wire and topics, and no other files', () => {
  const expected = /^(routes|[a-z-]+-routes|store|lists|wire)\.ts$/
  for (const [slice, names] of Object.entries(topics)) {
    const files = server.filter((file) => sliceOf(file) === slice).map((file) => basename(file))
    const others = files.filter((name) => !expected.test(name)).toSorted()
    assert.deepEqual(
      others,
      words(names).map((name) => `${name}.ts`),
    )
  }
  assert.deepEqual(
    Object.keys(tables).filter((slice) => topics[slice] === undefined),
    [],
  )
})

test('no file imports itself by way of others', () => {
  const done = new Set<string>()
  const visit = (file: string, path: string[]): void => {
    assert.ok(!path.includes(file), [...path, file].join(' → '))
    if (done.has(file)) return
    for (const imported of importsOf(file, { types: false })) visit(imported, [...path, file])
    done.add(file)
  }
  for (const file of server) visit(file, [])
})

test('only a program touches the process: main.ts, and workers', () => {
  const wrong = server
    .filter((file) => !/\/(main|[\w-]*worker)\.ts$/.test(file))
    .filter((file) => /\bprocess\./.test(codeOf(file)))
  assert.deepEqual(wrong, [])
})

test('samples know the guard alone, the dashboard the contract alone, packages each other alone', () => {
  const allowed = {
    'samples/*': ['guard'],
    'apps/dashboard': ['contract'],
    'packages/*': ['guard', 'contract'],
  }
  const wrong = Object.entries(allowed).flatMap(([folder, packages]) =>
    filesOf(folder).flatMap((file) =>
      [...codeOf(file).matchAll(/from '(@rolecall\/([\w-]+)|[./]+apps\/)[^']*'/g)]
        .filter(([, , name = '']) => !packages.includes(name))
        .map(([statement]) => `${file} imports ${statement}`),
    ),
  )
  assert.deepEqual(wrong, [])
})

/** Sources that run, relative to the repository. */
function filesOf(folder: string): string[] {
  const found = globSync(`${folder}/**/*.{ts,tsx}`, {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
  assert.notEqual(found.length, 0)
  return found.filter((file) => !/\.test\.tsx?$|\/testing\b/.test(file))
}

/** Without comments, and without the texts that show code. */
function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$|`[^`]*`/gm, '')
}

function importsOf(file: string, { types = true } = {}): string[] {
  const code = codeOf(file)
  const statements = code.matchAll(/^(?:import|export) (type )?[^;'"]*?(?:from )?'(\.[^']+\.ts)'/gm)
  const dynamic = code.matchAll(/import\(()'(\.[^']+)'\)/g)
  return [...statements, ...dynamic]
    .filter(([, type]) => types || !type)
    .map(([, , path = '']) => join(dirname(file), path))
}

/** The folder below `src`, or the file itself where it lies there. */
function sliceOf(file: string): string {
  return inServer(file).split('/')[0] ?? ''
}

const inServer = (file: string) => file.replace('apps/server/src/', '')

const words = (text = '') => text.split(' ').filter((word) => word !== '')

function arrowLines(): string[] {
  const width = Math.max(...Object.keys(arrows).map((name) => name.length))
  return Object.entries(arrows).map(([name, imported]) => `${name.padEnd(width)} → ${imported}`)
}

/** The tables that a file's queries name, and whether they write them. */
function tablesIn(file: string): { table: string; writes: boolean }[] {
  const query = /\.(selectFrom|(?:inner|left|cross)Join|insertInto|updateTable|deleteFrom)\(\s*\[?\s*'(\w+)/g
  return [...codeOf(file).matchAll(query)].map(([, method = '', table = '']) => ({
    table,
    writes: /^(insert|update|delete)/.test(method),
  }))
}
