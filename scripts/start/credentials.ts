import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomAlphanumeric, randomSecret } from '../../apps/server/src/crypto/secrets.ts'

export interface Login {
  email: string
  password: string
}

/** What the tutorial's people and programs identify themselves with. */
export interface Credentials {
  applications: {
    spa: { client_id: string }
    m2m: { client_id: string; client_secret: string }
    management: { client_id: string; client_secret: string }
    /** The Hello World API itself. `withApiCredentials` adds it to folders of earlier versions. */
    api?: { client_id: string; client_secret: string }
  }
  users: { admin: Login; member: Login; owner: Login }
}

/**
 * `credentials.json`, readable by this user alone. The store keeps only hashes, so this file is the one place that can
 * say the passwords again at a later start; it is written before the store learns of any of them.
 */
export async function readCredentials(dir: string): Promise<Credentials | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, 'credentials.json'), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Different on every machine: no default password exists. */
export async function generateCredentials(dir: string): Promise<Credentials> {
  const credentials: Credentials = {
    applications: {
      spa: { client_id: randomAlphanumeric(32) },
      m2m: confidential(),
      management: confidential(),
      api: confidential(),
    },
    users: { admin: login('admin'), member: login('member'), owner: login('owner') },
  }
  await writePrivately(join(dir, 'credentials.json'), credentials)
  return credentials
}

/** Adds the application of the API to a folder of an earlier version. */
export async function withApiCredentials(
  dir: string,
  credentials: Credentials,
): Promise<Credentials & { applications: { api: ReturnType<typeof confidential> } }> {
  const { applications } = credentials
  const api = applications.api ?? confidential()
  const complete = { ...credentials, applications: { ...applications, api } }
  if (applications.api === undefined) await writePrivately(join(dir, 'credentials.json'), complete)
  return complete
}

/** Whole or not at all, and never readable by others. */
export async function writePrivately(path: string, content: object): Promise<void> {
  const draft = `${path}.draft`
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(draft, path)
}

function confidential() {
  return { client_id: randomAlphanumeric(32), client_secret: randomSecret() }
}

/** Four groups of four: 95 bits that a person can type. */
function login(name: string): Login {
  const groups = Array.from({ length: 4 }, () => randomAlphanumeric(4))
  return { email: `${name}@example.com`, password: groups.join('-') }
}
