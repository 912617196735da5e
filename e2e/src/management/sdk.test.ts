import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stores } from '@rolecall/server/test-kit/store'
import { startHttpsServer } from './https-server.ts'

const session = (version: number) => fileURLToPath(new URL(`sdk-${version}-session.ts`, import.meta.url))

for (const kind of stores)
  describe(`Auth0's SDK for Node, unmodified, over https, on ${kind.name}`, () => {
    for (const version of [7, 4])
      test(`version ${version} creates, assigns, lists in every form and deletes`, async (t) => {
        const server = await startHttpsServer(t, kind)
        assert.match(await server.run(session(version), []), /session complete/)
      })
  })
