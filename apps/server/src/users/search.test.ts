import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'

const connection = 'Username-Password-Authentication'
const people = [
  { email: 'ada@alpha.test', name: 'Ada Lovelace', given_name: 'Ada', blocked: true },
  { email: 'alan@alpha.test', name: 'Alan Turing', nickname: 'prof', username: 'Alan' },
  {
    email: 'grace@beta.test',
    name: 'Grace Hopper',
    app_metadata: { plan: 'gold', tags: ['a', 'b'], n: { x: true } },
  },
  { email: 'éva@beta.test', name: 'Éva 100%_\\', user_metadata: { plan: 'gold', n: 5 } },
]

const cases: [q: string, found: string[]][] = [
  ['email:"ada@alpha.test"', ['ada']],
  ['email:ADA@ALPHA.TEST', ['ada']],
  ['email:a*', ['ada', 'alan']],
  ['email:*beta.test', ['grace', 'éva']],
  ['email.domain:beta.test', ['grace', 'éva']],
  ['name:"ada lovelace"', ['ada']],
  ['name:ada*', ['ada']],
  ['name:é*', ['éva']],
  ['name:*100%_*', ['éva']],
  ['name:*%%%*', []],
  ['name:("Ada Lovelace" OR "Alan Turing")', ['ada', 'alan']],
  ['name:ada* OR email:gr*', ['ada', 'grace']],
  ['ada', ['ada']],
  ['turing', ['alan']],
  ['lovelace grace', ['ada', 'grace']],
  ['blocked:true', ['ada']],
  ['NOT blocked:true AND email:*alpha.test', ['alan']],
  ['-given_name:ada', ['alan', 'grace', 'éva']],
  ['_exists_:username', ['alan']],
  ['NOT _exists_:username AND email:a*', ['ada']],
  ['username:Alan', ['alan']],
  ['username:alan', []],
  ['username:*LAN', []],
  ['username:a*n', []],
  ['username:A*n', ['alan']],
  ['nickname:PROF', ['alan']],
  ['logins_count:0 AND email:ada*', ['ada']],
  ['logins_count:[1 TO *]', []],
  ['logins_count:>=0 AND email:ada*', ['ada']],
  ['logins_count:{0 TO 5]', []],
  ['created_at:[2026-05-01 TO 2026-05-01]', ['ada', 'alan', 'grace', 'éva']],
  ['created_at:2026', ['ada', 'alan', 'grace', 'éva']],
  ['created_at:{2026-05-01 TO *]', []],
  ['created_at:"2026-05-01T12:00:00.000Z"', ['ada', 'alan', 'grace', 'éva']],
  ['app_metadata.plan:gold', ['grace']],
  ['app_metadata.tags:b', ['grace']],
  ['app_metadata.n.x:true', ['grace']],
  ['app_metadata.n:true', []],
  ['app_metadata.tags.0:a', []],
  ['app_metadata.tags:b AND\tNOT\nemail:ada*', ['grace']],
  ['email:ada*\tOR\nemail:alan*', ['ada', 'alan']],
  ['email:a* -name:ada*', ['alan']],
  ['user_metadata.n:5', ['éva']],
  ['_exists_:app_metadata.plan', ['grace']],
  ['identities.connection:"Username-Password-Authentication" AND email:ada*', ['ada']],
  ['identities.provider:google', []],
  [String.raw`email:ada\@alpha.test`, ['ada']],
  ['(email:ada* AND (blocked:true OR blocked:false)) OR name:alan*', ['ada', 'alan']],
]

const refused = [
  'nosuchfield:x',
  '__proto__:x',
  'constructor:x',
  'email:',
  'email:"open',
  '(email:a',
  'email:a)',
  'AND',
  'email:a AND',
  `name:"D'Arcy"*`,
  'name:"a"b',
  'name:a\\',
  'email:[a* TO b]',
  'created_at:2026-02-30T10:00:00Z',
  'email.domain:a*b*c*d*e',
  'logins_count:many',
  'blocked:maybe',
  'created_at:yesterday',
  'created_at:2026-13',
  'email:*ab',
  'email:a*b*c*d*e',
  'name:a?b',
  'name:abc~2',
  'logins_count:[1 2]',
  'user_metadata.plan:g*',
  'user_metadata.n:[1 TO 2]',
  'app_metadata.a"b:1',
  'user_metadata:1',
]

for (const kind of stores)
  describe(`user search on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    const search = async (q: string, more = '') =>
      server.call('GET', `/users?q=${encodeURIComponent(q)}${more}`)

    before(async () => {
      server = await startManagement(end, kind, () => Date.parse('2026-05-01T12:00:00Z'))
      for (const person of people) {
        const { status, body } = await server.call('POST', '/users', {
          ...person,
          connection,
          verify_email: false,
        })
        assert.equal(status, 201, JSON.stringify(body))
      }
    })

    it('finds what the query describes and nothing else', async () => {
      for (const [q, expected] of cases) {
        const { status, body } = await search(q)
        assert.equal(status, 200, `${q}: ${JSON.stringify(body)}`)
        const found = body.map(({ email }) => String(email).split('@')[0] ?? '').toSorted()
        assert.deepEqual(found, expected, q)
        const counted = await search(q, '&include_totals=true')
        assert.equal(counted.body['total'], expected.length, q)
        assert.equal(counted.body['length'], expected.length, q)
      }
    })

    it('refuses what is no query, in words', async () => {
      for (const q of refused) {
        const { status, body } = await search(q)
        assert.equal(status, 400, q)
        assert.equal(body['errorCode'], 'invalid_query_string', q)
      }
    })

    it('reads no further than 1,100 characters into 50 kB of any query (CVE-2024-10270)', async () => {
      const hostile = [
        'a@',
        '(',
        '((a) OR ',
        'NOT ',
        '-',
        '"',
        'a* ',
        '*a',
        '\\',
        '[',
        'email:a OR ',
        'a:',
      ].map((piece) => piece.repeat(50_000 / piece.length))
      for (const q of [...hostile, `name:${'a'.repeat(50_000)}`, `name:"${'%'.repeat(50_000)}"`]) {
        const { status, body } = await search(q)
        assert.equal(status, 400, q.slice(0, 10))
        const [, place] = /at character (\d+)/.exec(String(body['message'])) ?? []
        assert.ok(Number(place) < 1_100, String(body['message']))
      }
    })

    it('pages by checkpoint in every order without a gap or a repeat', async () => {
      const all = ['ada', 'alan', 'grace', 'éva']
      for (const order of [
        '',
        '&sort=email:1',
        '&sort=name:-1',
        '&sort=created_at:-1',
        '&sort=logins_count:1',
        '&sort=last_login:-1',
        '&search=.test',
        '&search=.test&sort=name:1',
      ]) {
        const seen: string[] = []
        let from = ''
        do {
          const { status, body } = await server.call('GET', `/users?take=1${order}${from}`)
          assert.equal(status, 200, JSON.stringify(body))
          assert.equal(body['users']!.length, 1)
          seen.push(String(body['users']![0]!['email']).split('@')[0] as string)
          from = body['next'] ? `&from=${encodeURIComponent(String(body['next']))}` : ''
        } while (from)
        assert.deepEqual([...seen].toSorted(), all, order)
      }
    })

    it('refuses orders that do not exist and checkpoints that it never gave', async () => {
      for (const query of [
        'sort=password:1',
        'sort=email:2',
        'sort=email;--:1',
        'from=zzz',
        `from=${Buffer.from('["a"]').toString('base64url')}`,
        `from=${Buffer.from('[{},1]').toString('base64url')}`,
        'per_page=0',
        'per_page=101',
        'take=101',
        'page=-1',
        'page=x',
        'page=1&page=2',
        'include_totals=maybe',
      ]) {
        const { status, body } = await server.call('GET', `/users?${query}`)
        assert.equal(status, 400, query)
        assert.equal(body['errorCode'], 'invalid_query_string', query)
      }
    })
  })
