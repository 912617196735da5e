import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { type TestTenant, testTenant, untilTheEnd } from './testing.ts'

const api = 'https://orders.example.com'
const email = 'anna@example.com'

const yaml = (clerk: readonly string[], more = '') => `
resourceServers:
  - identifier: ${api}
    name: Orders
    enforce_policies: true
    scopes:
      - value: read:orders
        description: Read orders
      - value: write:orders
roles:
  - name: Clerk
    permissions:
${clerk.map((name) => `      - { permission_name: '${name}', resource_server_identifier: '${api}' }`).join('\n')}
clients:
  - name: Worker
    app_type: non_interactive
clientGrants:
  - client_id: Worker
    audience: ${api}
    scope: [read:orders]
${more}`

describe('a plan', { concurrency: false }, () => {
  const end = untilTheEnd()
  let tenant: TestTenant
  let userId: string

  const write = (name: string, text: string) => writeFile(join(tenant.folder, name), text)
  const send = async (method: string, path: string, body: object) => {
    await write('body.json', JSON.stringify(body))
    const { code, out, notes } = await tenant.run('api', method, path, '--body', 'body.json')
    assert.equal(code, 0, notes)
    return out === '' ? {} : JSON.parse(out)
  }
  const configuration = async () =>
    JSON.parse((await tenant.run('api', 'GET', '/authorization/configuration')).out)

  before(async () => {
    tenant = await testTenant(end)
    await write('tenant.yaml', yaml(['read:orders', 'write:orders']))
    const first = await tenant.run('plan', 'tenant.yaml', '--out', 'first.json')
    assert.equal(first.code, 2, first.notes)
    assert.equal((await tenant.run('apply', 'first.json')).code, 0)
    const { roles } = await configuration()
    const clerk = roles.find(({ name }: { name: string }) => name === 'Clerk')
    const made = await send('POST', '/users', {
      connection: 'Username-Password-Authentication',
      email,
      password: 'a lantern on the 3rd bridge',
    })
    userId = made.user_id
    await send('POST', `/users/${encodeURIComponent(userId)}/roles`, { roles: [clerk.id] })
  })

  it('shows no credentials of other providers, and says where they are missing', async () => {
    const provider = (options: string, strategy = 'oidc') =>
      `connections:\n  - name: partner\n    strategy: ${strategy}\n    options: { client_id: one, ${options} }\n`
    const issuer = "issuer: 'https://id.example.com'"
    const planned = async (content: string) => {
      await write('provider.yaml', content)
      const { code, out, notes } = await tenant.run('plan', 'provider.yaml', '--out', 'provider.json')
      const plan = code === 2 ? await readFile(join(tenant.folder, 'provider.json'), 'utf8') : ''
      return { code, text: `${out}${notes}`, plan }
    }
    const created = await planned(provider(`${issuer}, client_secret: not-for-plans`))
    assert.equal(created.code, 2, created.text)
    assert.match(created.text, /the credentials of the connection partner are left out/)
    assert.match(created.text, /after this plan the connection partner has no client secret/)
    assert.ok(!`${created.text}${created.plan}`.includes('not-for-plans'))
    assert.equal((await tenant.run('apply', 'provider.json')).code, 0)
    assert.equal((await planned(provider(issuer))).code, 0)

    const other = await planned(provider("issuer: 'https://other.example.com'"))
    assert.match(
      other.text,
      /with another provider or client_id, the connection partner has no client secret/,
    )
    const keyed = await planned(provider(`${issuer}, token_endpoint_auth_method: private_key_jwt`))
    assert.deepEqual([keyed.code, /no client secret/.test(keyed.text)], [2, false], keyed.text)
    const moved = await planned(provider(issuer, 'github'))
    assert.match(moved.text, /has the strategy oidc, which cannot be changed/)
    const unknown = await planned(
      provider(`${issuer}, role_mapping: { claim: g, roles: [{ value: a, role: Nothing }] }`),
    )
    assert.match(unknown.text, /There is no role Nothing/)
    await write('none.yaml', 'connections: []\n')
    await tenant.run('plan', 'none.yaml', '--delete', '--out', 'none.json')
    assert.equal((await tenant.run('apply', 'none.json')).code, 0)
  })

  it('has exit code 0 when nothing would change, 2 when something would, and 3 when somebody would lose a permission', async () => {
    assert.deepEqual(
      [await tenant.run('plan', 'tenant.yaml')].map(({ code, out }) => [
        code,
        out.includes('Nothing would change.'),
      ]),
      [[0, true]],
    )
    await write('more.yaml', 'roles:\n  - name: Viewer\n')
    assert.equal((await tenant.run('plan', 'more.yaml')).code, 2)
    await write('less.yaml', yaml(['read:orders']))
    const less = await tenant.run('plan', 'less.yaml', '--names')
    assert.equal(less.code, 3)
    assert.match(less.out, /^~ role Clerk\n {4}- write:orders of https:\/\/orders\.example\.com$/m)
    assert.match(less.out, /lost +write:orders of https:\/\/orders\.example\.com +1 user +anna@example\.com/)
    assert.match(less.out, /1 user would lose a permission\.$/)
  })

  it('has exit code 3 when an API would give no more tokens on behalf of users', async () => {
    const denied = 'subject_type_authorization: { user: { policy: deny_all } }'
    const denying = yaml(['read:orders', 'write:orders']).replace(
      'enforce_policies: true',
      `$&\n    ${denied}`,
    )
    await write('denied.yaml', denying)
    for (const format of [[], ['--markdown']]) {
      const plan = await tenant.run('plan', 'denied.yaml', ...format)
      assert.equal(plan.code, 3, plan.notes)
      assert.match(plan.out, /on behalf of users: every application → no application\./)
      assert.match(plan.out, /Tokens for https:\/\/orders\.example\.com would be restricted\./)
      assert.doesNotMatch(plan.out, /Nobody would lose/)
    }
  })

  it('deletes what the files leave out with --delete only, and lists it', async () => {
    await write(
      'one.yaml',
      yaml(['read:orders', 'write:orders'], 'databases: []\n').replace(/clients:[^]*$/, 'clients: []\n'),
    )
    const kept = await tenant.run('plan', 'one.yaml')
    assert.equal(kept.code, 0, kept.notes)
    assert.match(kept.out, /Not in the files, and kept \(--delete deletes it\)\n {2}application Worker/)
    const deleted = await tenant.run('plan', 'one.yaml', '--delete')
    assert.equal(deleted.code, 3)
    assert.match(deleted.out, /Deleted\n {2}application Worker/)
    assert.match(deleted.out, /lost +read:orders of https:\/\/orders\.example\.com +1 application/)
  })

  it('is refused with exit code 4, and changes nothing, when the tenant or the effect is another one', async () => {
    await write('less.yaml', yaml(['read:orders']))
    assert.equal((await tenant.run('plan', 'less.yaml', '--out', 'plan.json')).code, 3)
    const made = await send('POST', '/roles', { name: 'Made by hand' })
    const { version } = await configuration()
    const refused = await tenant.run('apply', 'plan.json')
    assert.deepEqual([refused.code, refused.out], [4, ''])
    assert.match(
      refused.notes,
      /was changed since the plan was made: nothing was applied\. Make a new plan: rolecall plan\./,
    )
    assert.equal((await configuration()).version, version)

    const drifted = await tenant.run('plan', 'less.yaml', '--out', 'plan.json')
    assert.match(
      drifted.out,
      /Changed in another way since the last plan \(.*\)\n {2}role Made by hand \(created\)/,
    )
    await send('PATCH', `/users/${encodeURIComponent(userId)}`, { blocked: true })
    const other = await tenant.run('apply', 'plan.json')
    assert.equal(other.code, 4)
    assert.match(other.notes, /it would have another effect/)
    await send('PATCH', `/users/${encodeURIComponent(userId)}`, { blocked: false })
    assert.equal((await tenant.run('api', 'DELETE', `/roles/${made.id}`)).code, 0)
  })

  it('is applied once, and the log names the commit of the pipeline', async () => {
    await write('tenant.yaml', yaml(['read:orders', 'write:orders'], 'tenant:\n  friendly_name: Example\n'))
    assert.equal((await tenant.run('plan', 'tenant.yaml', '--out', 'plan.json')).code, 2)
    tenant.env['GITHUB_SHA'] = '4f2c1e9'
    const first = await tenant.run('apply', 'plan.json')
    assert.deepEqual([first.code, first.out], [0, 'Applied 1 request.'])
    const again = await tenant.run('apply', 'plan.json')
    assert.equal(again.code, 0)
    assert.match(again.out, /^The plan was applied at .* Nothing was changed now\.$/)
    const [entry] = JSON.parse((await tenant.run('api', 'GET', '/logs?per_page=1&q=type:sapi')).out)
    assert.equal(entry.references.reference, 'commit 4f2c1e9')
  })

  it('refuses applications with equal names, with both ids', async () => {
    const one = await send('POST', '/clients', { name: 'Twin' })
    const other = await send('POST', '/clients', { name: 'Twin' })
    for (const command of [['plan', 'tenant.yaml'], ['export']]) {
      const { code, notes } = await tenant.run(...command)
      assert.equal(code, 64)
      assert.match(notes, /^Two applications have the name Twin: /)
      assert.ok(notes.includes(one.client_id) && notes.includes(other.client_id))
    }
    assert.equal((await tenant.run('api', 'DELETE', `/clients/${one.client_id}`)).code, 0)
    assert.equal((await tenant.run('api', 'DELETE', `/clients/${other.client_id}`)).code, 0)
  })

  for (const [what, text, message] of [
    ['a role of the system', 'roles: [{ name: owner }]', /roles: owner is kept by the system/],
    ['two roles whose names differ in case', 'roles: [{ name: a }, { name: A }]', /roles has a twice/],
    [
      'a permission that no API declares',
      `roles: [{ name: a, permissions: [{ permission_name: x, resource_server_identifier: '${api}' }] }]`,
      /roles: a has x of https:\/\/orders\.example\.com, which the API does not declare/,
    ],
    [
      'a grant of an unknown application',
      `clientGrants: [{ client_id: Nobody, audience: '${api}' }]`,
      /no application Nobody/,
    ],
    ['a grant on an unknown API', 'clientGrants: [{ client_id: Worker, audience: x }]', /no API x/],
    ['a section of another type', 'roles: {}', /roles: Invalid input/],
    ['a marker without a value', 'roles: [{ name: "##NAME##" }]', /marker ##NAME##/],
  ] as const)
    it(`refuses ${what} with exit code 64`, async () => {
      await write('wrong.yaml', text)
      const { code, out, notes } = await tenant.run('plan', 'wrong.yaml')
      assert.deepEqual([code, out], [64, ''])
      assert.match(notes, message)
    })

  it('shows a name that is markup, a link or a control sequence as text', async () => {
    const writeName = (name: string) =>
      write(
        'hostile.yaml',
        `roles:\n  - name: ${JSON.stringify(name)}\n  - { name: Clerk, permissions: [] }\n`,
      )
    for (const name of ['\u001b[2J', 'a`|@everyone ![x](https://x.test) \u202e']) {
      await writeName(name)
      const text = await tenant.run('plan', 'hostile.yaml')
      assert.doesNotMatch((text.out + text.notes).replaceAll('\n', ''), /\p{Cc}|\p{Cf}/u)
    }
    const { out } = await tenant.run('plan', 'hostile.yaml', '--markdown')
    assert.match(out, /^### Plan for `http/)
    assert.match(out, /\| lost \| `read:orders` \| `https:\/\/orders\.example\.com` \| 1 user \|/)
    const [head = ''] = out.split('``````````diff')
    assert.ok(!head.includes('@everyone') || /`[^`]*@everyone[^`]*`/.test(head))
  })

  it('leaves the application of the command alone, and says so', async () => {
    await write('own.yaml', 'clients:\n  - name: Deployment\n    description: mine now\n  - name: Worker\n')
    const { code, out } = await tenant.run('plan', 'own.yaml', '--delete')
    assert.equal(code, 0)
    assert.match(out, /the application Deployment is kept by the system or is the one of this command/)
  })

  it('takes values of markers from the environment, as auth0-deploy-cli does', async () => {
    tenant.env['AUTH0_KEYWORD_REPLACE_MAPPINGS'] = '{"NAME":"Staging","URLS":["https://a.example.com"]}'
    await write('marked.yaml', 'tenant:\n  friendly_name: "##NAME##"\n  allowed_logout_urls: "@@URLS@@"\n')
    const { out, notes } = await tenant.run('plan', 'marked.yaml', '--json')
    assert.equal(notes, '')
    assert.deepEqual(JSON.parse(out).changes[0].body, {
      friendly_name: 'Staging',
      allowed_logout_urls: ['https://a.example.com'],
    })
  })

  it('is for one server, and is no other file', async () => {
    const plan = JSON.parse(await readFile(join(tenant.folder, 'plan.json'), 'utf8'))
    await write('elsewhere.json', JSON.stringify({ ...plan, issuer: 'https://elsewhere.example.com/' }))
    assert.equal((await tenant.run('apply', 'elsewhere.json')).code, 64)
    assert.match((await tenant.run('apply', 'tenant.yaml')).notes, /cannot be read as a plan/)
    await write('empty.json', '{}')
    assert.match((await tenant.run('apply', 'empty.json')).notes, /is no plan of this version/)
  })
})
