import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The key that seals what the store must be able to read again. Kept beside the store in a file that only its owner can
 * read, unless the configuration gives one.
 */
export async function loadSealingKey(dataDir: string, given: string | undefined): Promise<Buffer> {
  if (given) return Buffer.from(given, 'base64')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await chmod(dataDir, 0o700)
  const path = join(dataDir, 'sealing.key')
  const existing = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (existing !== undefined) return Buffer.from(existing.trim(), 'base64')

  // Linked into place whole: a crash leaves no half-written key, and of two servers starting together one wins.
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  return Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
}
