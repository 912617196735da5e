/** `npm run realistic -- <folder>`: fills the store of a stopped system with many users, roles and APIs, for a look. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { addRealisticData } from '../e2e/src/dashboard/realistic-data.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined || !existsSync(join(folder, 'rolecall.db'))) {
  console.error(
    'Start a system once with `npm start -- --dir <folder>`, stop it, and run `npm run realistic -- <folder>`.',
  )
  process.exitCode = 1
} else {
  await addRealisticData(resolve(folder))
  console.log(`${folder} has 10,000 more users, 200 roles and 20 APIs. Start the system again.`)
}
