import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Connection } from '../../shared/management/connections.ts'
import { isConnectionName, newConnectionOf } from './new-connection.ts'
import { presetNames, presets } from './presets.ts'
import { addressProblem, losesSecret, toOptions, toValues, validate } from './provider-form.ts'
import { mappingOf, mappingValues, rolesTaken, validateMapping } from './role-mapping.ts'
import { connectionSettings, roleMapping } from './text.ts'

const connection = (options: Connection['options'], strategy = 'oidc'): Connection => ({
  id: 'con_1',
  name: 'partner',
  strategy,
  options,
  enabled_clients: [],
  realms: ['partner'],
  is_domain_connection: false,
})
const discovery = 'https://id.example.com/.well-known/openid-configuration'

describe('the settings of a connection to a provider', () => {
  it('are saved as they were read, with what the form does not show', () => {
    const options: Connection['options'] = {
      client_id: 'c',
      discovery_url: discovery,
      issuer: 'https://id.example.com/',
      scope: 'openid groups',
      token_endpoint_auth_method: 'private_key_jwt',
      connection_settings: { pkce: 'auto', tenant: 'kept' },
      set_user_root_attributes: 'on_first_login',
      trust_email_verified: true,
      attribute_map: { mapping_mode: 'use_map' },
      role_mapping: { claim: 'groups', roles: [] },
    }
    assert.deepEqual(toOptions('oidc', toValues(connection(options)), options), options)
  })

  it('take an address of metadata or an issuer, and drop what belonged to the previous one', () => {
    const options = { client_id: 'c', discovery_url: discovery, issuer: 'https://id.example.com/' }
    const values = toValues(connection(options))
    const moved = toOptions('oidc', { ...values, issuer: ' https://other.example.com ' }, options)
    assert.deepEqual([moved.issuer, moved.discovery_url], ['https://other.example.com', undefined])
    const other = 'https://other.example.com/.well-known/openid-configuration'
    const read = toOptions('oidc', { ...values, issuer: other }, options)
    assert.deepEqual([read.issuer, read.discovery_url], [undefined, other])
  })

  it('send a secret only when one was typed', () => {
    const values = toValues(connection({ client_id: 'c' }, 'github'))
    assert.equal('client_secret' in toOptions('github', values, {}), false)
    assert.equal(toOptions('github', { ...values, client_secret: 's' }, {}).client_secret, 's')
  })

  it('say when the stored secret is lost', () => {
    const base = toValues(connection({ client_id: 'c', issuer: 'https://id.example.com' }))
    assert.equal(losesSecret(base, base), false)
    assert.equal(losesSecret({ ...base, client_id: 'd' }, base), true)
    assert.equal(losesSecret({ ...base, client_id: 'd', client_secret: 's' }, base), false)
    assert.equal(losesSecret({ ...base, client_id: 'd', token_endpoint_auth_method: 'none' }, base), false)
  })

  it('need an address with https, of which no part is left to fill in', () => {
    assert.equal(addressProblem('https://id.example.com'), undefined)
    assert.equal(addressProblem(presets.microsoft.issuer), connectionSettings.braces)
    assert.equal(addressProblem('http://id.example.com'), connectionSettings.https)
    assert.ok(addressProblem(' '))
    const github = toValues(connection({ client_id: 'c' }, 'github'))
    assert.equal(validate('github')(github).issuer, undefined)
  })
})

describe('a new connection', () => {
  it('has the name, the address and the scopes of its preset', () => {
    const values = { name: ' google ', client_id: ' c ', client_secret: '', issuer: presets.google.issuer }
    assert.deepEqual(newConnectionOf({ ...values, preset: 'google' }), {
      name: 'google',
      display_name: 'Google',
      show_as_button: true,
      strategy: 'oidc',
      options: {
        client_id: 'c',
        issuer: 'https://accounts.google.com',
        type: 'back_channel',
        scope: 'openid profile email',
      },
    })
    assert.equal(newConnectionOf({ ...values, preset: 'github' }).strategy, 'github')
  })

  it('has a name that the server accepts, in each preset', () => {
    for (const preset of presetNames)
      assert.equal(isConnectionName(presets[preset].name), preset !== 'oidc', preset)
    for (const name of ['-a', 'a-', 'a b', '']) assert.equal(isConnectionName(name), false, name)
  })
})

describe('the roles from a provider', () => {
  const rows = [
    { value: ' admins ', role: 'Admin' },
    { value: 'all', role: 'Reader' },
  ]

  it('are stored without the space around a value, and not at all without a row', () => {
    assert.deepEqual(mappingOf({ claim: ' groups ', rows }), {
      claim: 'groups',
      roles: [
        { value: 'admins', role: 'Admin' },
        { value: 'all', role: 'Reader' },
      ],
    })
    assert.equal(mappingOf({ claim: 'groups', rows: [] }), null)
    assert.deepEqual(mappingValues(connection({})), { claim: 'groups', rows: [] })
    assert.equal(mappingValues(connection({}, 'github')).claim, 'organizations')
  })

  it('need a claim, a value and a role, each pair once', () => {
    assert.deepEqual(validateMapping({ claim: 'groups', rows }), { claim: undefined, rows: undefined })
    assert.ok(validateMapping({ claim: ' ', rows }).claim)
    const incomplete = [...rows, { value: 'x', role: '' }]
    assert.equal(validateMapping({ claim: 'groups', rows: incomplete }).rows, roleMapping.incomplete)
    const twice = [...rows, { value: 'admins', role: 'Admin' }]
    assert.equal(validateMapping({ claim: 'groups', rows: twice }).rows, roleMapping.twice)
  })

  it('are taken when no row names them any more', () => {
    const before = { claim: 'groups', rows }
    assert.deepEqual(rolesTaken(before, { claim: 'groups', rows: rows.slice(1) }), ['Admin'])
    assert.deepEqual(rolesTaken(before, { claim: 'roles', rows }), [])
  })
})
