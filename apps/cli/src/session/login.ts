import { managementAudience } from '@rolecall/contract'
import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { safe } from '../terminal.ts'
import { logInWithBrowser } from './browser.ts'
import { logInWithDevice } from './device.ts'
import { discover, fetchJson, readIssuer } from './endpoints.ts'
import { deleteProfile, readProfiles, saveProfile } from './profiles.ts'

/** `offline_access` gives a refresh token. The permissions of the Management API come in its own claim. */
const scope = 'openid profile offline_access'

export const login = defineCommand({
  name: 'login',
  summary: 'Log in as a person, and store the tokens in a profile',
  description: [
    'The server needs an application of the type native, with the callback http://127.0.0.1/callback, the grant types',
    'authorization_code, refresh_token and (for --device) device_code, and a client grant for users on the Management API.',
    'The tokens are stored in ~/.config/rolecall/profiles.json, which only you can read.',
  ].join('\n'),
  options: {
    issuer: { type: 'string', value: 'URL', description: 'The address of the server (ROLECALL_ISSUER)' },
    'client-id': { type: 'string', value: 'ID', description: 'The native application (ROLECALL_CLIENT_ID)' },
    profile: { type: 'string', value: 'NAME', description: 'The name of the profile: default' },
    device: { type: 'boolean', description: 'Show a code to enter in a browser, also of another machine' },
  },
  examples: [
    'rolecall login --issuer https://login.example.com --client-id 3kXo…',
    'rolecall login --profile production --device',
  ],
  async run(terminal, values) {
    const { env } = terminal
    const name = values.profile ?? env['ROLECALL_PROFILE'] ?? 'default'
    const known = (await readProfiles(terminal)).profiles[name]
    const address = values.issuer ?? env['ROLECALL_ISSUER'] ?? known?.issuer
    const clientId = values['client-id'] ?? env['ROLECALL_CLIENT_ID'] ?? known?.clientId
    if (!address) throw new UsageError('--issuer is missing: the address of the server.')
    if (!clientId) throw new UsageError('--client-id is missing. See: rolecall login --help')
    const issuer = readIssuer(address)
    const request = {
      endpoints: await discover(issuer),
      clientId,
      scope,
      audience: managementAudience(issuer),
    }
    const tokens = await (values.device ? logInWithDevice : logInWithBrowser)(terminal, request)
    await saveProfile(terminal, name, { issuer, clientId, tokens })
    terminal.print(`Logged in at ${issuer}. The profile ${safe(name)} is the current one.`)
  },
})

export const logout = defineCommand({
  name: 'logout',
  summary: 'Revoke the tokens of a profile, and delete it',
  options: {
    profile: { type: 'string', value: 'NAME', description: 'The profile: the current one unless given' },
  },
  examples: ['rolecall logout', 'rolecall logout --profile production'],
  async run(terminal, values) {
    const { current } = await readProfiles(terminal)
    const name = values.profile ?? terminal.env['ROLECALL_PROFILE'] ?? current
    if (name === undefined) throw new UsageError('There is no profile.')
    const deleted = await deleteProfile(terminal, name)
    if (!deleted) throw new UsageError(`There is no profile ${name}. rolecall profiles lists them.`)
    terminal.print(`The profile ${safe(name)} is deleted.`)
    const { issuer, clientId, tokens } = deleted
    if (tokens?.refreshToken === undefined) return
    const { revocation_endpoint: endpoint } = await discover(issuer)
    if (endpoint === undefined) return
    const body = new URLSearchParams({ client_id: clientId, token: tokens.refreshToken })
    await fetchJson(endpoint, { method: 'POST', body })
  },
})
