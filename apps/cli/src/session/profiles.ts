import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { Terminal } from '../terminal.ts'

/** The tokens of a person. `expiresAt` is in epoch milliseconds. */
const tokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAt: z.number(),
})
export type Tokens = z.output<typeof tokens>

const profile = z.object({ issuer: z.string(), clientId: z.string(), tokens: tokens.optional() })
export type Profile = z.output<typeof profile>

const file = z.object({ current: z.string().optional(), profiles: z.record(z.string(), profile) })
export type Profiles = z.output<typeof file>

/** `$XDG_CONFIG_HOME/rolecall`, by default `~/.config/rolecall`. */
function folderOf({ env }: Pick<Terminal, 'env'>): string {
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'rolecall')
}

/** @throws UsageError for a file that cannot be read */
export async function readProfiles(terminal: Pick<Terminal, 'env'>): Promise<Profiles> {
  const path = join(folderOf(terminal), 'profiles.json')
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (isMissing(error)) return { profiles: {} }
    throw new UsageError(`${path} cannot be read. Delete it and log in again with rolecall login.`)
  }
}

/** The file has tokens: only its owner can read it (mode 0600). It is replaced as a whole. */
async function writeProfiles(terminal: Pick<Terminal, 'env'>, profiles: Profiles): Promise<void> {
  const folder = folderOf(terminal)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'profiles.json')
  const fresh = `${path}.${process.pid}.new`
  try {
    await writeFile(fresh, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/** Stores a profile and makes it the current one. */
export async function saveProfile(
  terminal: Pick<Terminal, 'env'>,
  name: string,
  saved: Profile,
): Promise<void> {
  const { profiles } = await readProfiles(terminal)
  await writeProfiles(terminal, { current: name, profiles: { ...profiles, [name]: saved } })
}

/** Replaces the tokens of a profile, which stays current or not. */
export async function saveTokens(
  terminal: Pick<Terminal, 'env'>,
  name: string,
  fresh: Tokens,
): Promise<void> {
  const { current, profiles } = await readProfiles(terminal)
  const found = profiles[name]
  if (!found) return
  await writeProfiles(terminal, { current, profiles: { ...profiles, [name]: { ...found, tokens: fresh } } })
}

/** @returns the profile that was deleted; undefined without one of this name */
export async function deleteProfile(
  terminal: Pick<Terminal, 'env'>,
  name: string,
): Promise<Profile | undefined> {
  const { current, profiles } = await readProfiles(terminal)
  const { [name]: deleted, ...others } = profiles
  if (!deleted) return undefined
  const left = current === name ? {} : { current }
  await writeProfiles(terminal, { ...left, profiles: others })
  return deleted
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
