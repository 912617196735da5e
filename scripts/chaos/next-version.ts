// The server as a next version: with one more migration, which only adds (docs/guides/cluster.md, rolling upgrades).
import { migrations } from '../../apps/server/src/store/migrations/index.ts'

migrations['9999-next-version'] = {
  async up(db) {
    await db.schema.alterTable('roles').addColumn('next_version', 'text').execute()
    await db.schema.alterTable('users').addColumn('next_version', 'text').execute()
  },
}
await import('../../apps/server/src/main.ts')
