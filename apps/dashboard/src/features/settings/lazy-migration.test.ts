import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blankMigration, migrationOf, migrationValues } from './lazy-migration.ts'

test('a lazy migration is stored as it was, without the secrets that were not typed', () => {
  const stored = {
    source: 'auth0',
    enabled: false,
    domain: 'tenant.eu.auth0.com',
    realm: 'Customers',
    client_id: 'a',
    management_client_id: 'b',
  } as const
  assert.deepEqual(migrationOf(migrationValues(stored)), stored)
  const webhook = { source: 'webhook', enabled: true, url: 'https://users.example.com/' } as const
  assert.deepEqual(migrationOf(migrationValues(webhook)), webhook)
  assert.equal(migrationOf(migrationValues(undefined)), undefined)
})

test('a domain may be pasted as an address, and typed secrets are sent', () => {
  assert.deepEqual(
    migrationOf({
      ...blankMigration,
      source: 'auth0',
      domain: ' https://tenant.eu.auth0.com/ ',
      clientId: 'a',
      clientSecret: 'secret',
    }),
    {
      source: 'auth0',
      enabled: true,
      domain: 'tenant.eu.auth0.com',
      realm: 'Username-Password-Authentication',
      client_id: 'a',
      client_secret: 'secret',
    },
  )
})
