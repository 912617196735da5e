import { managementAudience } from '@rolecall/contract'
import { CommandError, UsageError } from '../errors.ts'
import { Management } from '../management/management.ts'
import type { Terminal } from '../terminal.ts'
import { discover, type Endpoints, readIssuer, requestToken, TokenError } from './endpoints.ts'
import { type Profile, readProfiles, saveTokens, type Tokens } from './profiles.ts'

interface Chosen {
  profile?: string
  issuer?: string
}

/**
 * The Management API of the tenant that the options, the environment or the current profile name. The environment has an
 * application (client credentials), a profile a person.
 * @throws UsageError when nothing says which tenant
 * @throws CommandError when the server does not answer or refuses the log-in
 */
export async function connect(
  terminal: Terminal,
  { profile: asked, issuer: given }: Chosen,
): Promise<Management> {
  const { env } = terminal
  const name = asked ?? (env['ROLECALL_PROFILE'] || undefined)
  const { ROLECALL_CLIENT_ID: clientId, ROLECALL_CLIENT_SECRET: secret } = env
  if (name === undefined && clientId && secret) {
    const address = given ?? env['ROLECALL_ISSUER']
    if (!address) throw new UsageError('ROLECALL_ISSUER is missing: the address of the server.')
    const issuer = readIssuer(address)
    const endpoints = await discover(issuer)
    const token = () => applicationToken(endpoints, issuer, clientId, secret)
    return new Management({ issuer, clientId, token, terminal })
  }
  const { found, name: used } = await chooseProfile(terminal, name)
  const issuer = given === undefined ? found.issuer : readIssuer(given)
  if (issuer !== found.issuer)
    throw new UsageError(
      `The profile ${used} is for ${found.issuer}. Log in to ${issuer} with rolecall login.`,
    )
  return new Management({
    issuer,
    clientId: found.clientId,
    token: () => personToken(terminal, used),
    terminal,
  })
}

async function chooseProfile(
  terminal: Terminal,
  name: string | undefined,
): Promise<{ found: Profile; name: string }> {
  const { current, profiles } = await readProfiles(terminal)
  const wanted = name ?? current
  if (wanted === undefined)
    throw new UsageError(
      'No tenant is chosen. Set ROLECALL_ISSUER, ROLECALL_CLIENT_ID and ROLECALL_CLIENT_SECRET, or log in with rolecall login.',
    )
  const found = profiles[wanted]
  if (!found) throw new UsageError(`There is no profile ${wanted}. rolecall profiles lists them.`)
  return { found, name: wanted }
}

async function applicationToken(
  endpoints: Endpoints,
  issuer: string,
  clientId: string,
  secret: string,
): Promise<Tokens> {
  return requestToken(endpoints, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    audience: managementAudience(issuer),
  })
}

/** A token is renewed this long before it expires. */
const earlyMs = 60_000

/** The stored token, renewed with the refresh token when it expires. The profile is read again: another command may have renewed it. */
async function personToken(terminal: Terminal, name: string): Promise<Tokens> {
  const { found } = await chooseProfile(terminal, name)
  const { tokens, issuer, clientId } = found
  if (!tokens) throw loggedOut(name)
  if (tokens.expiresAt - earlyMs > Date.now()) return tokens
  if (tokens.refreshToken === undefined) throw loggedOut(name)
  try {
    const parameters = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: tokens.refreshToken,
    }
    const fresh = {
      refreshToken: tokens.refreshToken,
      ...(await requestToken(await discover(issuer), parameters)),
    }
    await saveTokens(terminal, name, fresh)
    return fresh
  } catch (error) {
    throw error instanceof TokenError ? loggedOut(name) : error
  }
}

const loggedOut = (name: string) =>
  new CommandError(
    `The log-in of the profile ${name} has ended. Log in again with rolecall login --profile ${name}.`,
  )
