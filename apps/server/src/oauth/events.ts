import type { LogType } from '@rolecall/contract'
import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider'
import { requestIdHeader } from '../http/request-id.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import type { LogEntry } from '../logs/store.ts'
import { count } from '../telemetry/operations.ts'
import { fromResource } from './audience.ts'
import { deviceGrant } from './client-metadata.ts'
import { intervalSeconds } from './device/pace.ts'
import { noteFailure, type ReportError } from './failures.ts'
import { text } from './request.ts'
import { alreadyUsed } from './rotation.ts'
import { toAuth0Error } from './token-errors.ts'
import { warnOfSize } from './token-size.ts'

/** Auth0's log types by grant type: success, failure. */
const tokenLogs: Record<string, [success: LogType, failure: LogType]> = {
  authorization_code: ['seacft', 'feacft'],
  refresh_token: ['sertft', 'fertft'],
  client_credentials: ['seccft', 'feccft'],
  [deviceGrant]: ['sede', 'fede'],
}
const reuseDetails = new Set(['refresh token already used', alreadyUsed])

/** Writes the events of the protocol to the tenant's log, and turns its errors into Auth0's. */
export function listen(provider: Provider, logs: LogBuffer, onServerError: ReportError): void {
  provider.on('grant.success', (request) => {
    const [type] = tokenLogs[grantTypeOf(request)] ?? ['s']
    count({ kind: 'token_issued', grant: grantTypeOf(request) })
    logs.add({ ...factsOf(request), type, description: `Token issued (${grantTypeOf(request)})` })
    const warning = warnOfSize(request.body)
    if (warning) logs.add({ ...factsOf(request), ...warning })
  })
  provider.on('device_authorization.success', (_request, answer) => {
    answer.interval = intervalSeconds
  })
  provider.on('device_authorization.error', (request, error) => {
    logs.add({
      ...failureOf(request),
      type: 'fdeaz',
      description: error.error_description ?? error.message,
    })
    describe(request, error)
    if (!error.error_description?.endsWith('is not allowed for this client')) return
    request.status = 403
    request.body = { error: 'unauthorized_client', error_description: error.error_description }
  })
  provider.on('grant.error', (request, error) => {
    const answer = toAuth0Error(error, request)
    request.status = answer.status
    request.body = { error: answer.error, error_description: answer.error_description }
    count({ kind: 'token_refused', grant: grantTypeOf(request), error: answer.error })
    // A device asks again and again until somebody has entered its code.
    if (answer.error === 'authorization_pending') return
    logs.add({
      ...failureOf(request),
      type: failureType(request, error),
      description: answer.error_description,
    })
  })
  provider.on('authorization.success', (request) => {
    if (request.oidc.prompts.has('none'))
      logs.add({ ...factsOf(request), type: 'ssa', description: 'Silent login' })
  })
  provider.on('authorization.error', (request, error) => {
    const silent = request.oidc.params?.['prompt'] === 'none'
    logs.add({
      ...failureOf(request),
      type: silent ? 'fsa' : 'f',
      description: error.error_description ?? error.message,
    })
  })
  provider.on('pushed_authorization_request.error', (request, error) => {
    describe(request, error)
    logs.add({ ...failureOf(request), type: 'f', description: error.error_description ?? error.message })
  })
  provider.on('end_session.success', (request) => {
    logs.add({ ...factsOf(request), type: 'slo', description: 'Logged out' })
  })
  provider.on('server_error', (request, error) => {
    noteFailure(request, error)
    onServerError(error, request.get(requestIdHeader))
  })
}

/** Every error has a description: some of oidc-provider's have none. */
function describe(request: KoaContextWithOIDC, { error, error_description }: errors.OIDCProviderError): void {
  request.body = { error, error_description: error_description ?? error.replaceAll('_', ' ') }
}

function failureType(request: KoaContextWithOIDC, error: errors.OIDCProviderError): LogType {
  if (error.error_detail && reuseDetails.has(error.error_detail) && grantTypeOf(request) === 'refresh_token')
    return 'ferrt'
  return tokenLogs[grantTypeOf(request)]?.[1] ?? 'f'
}

function grantTypeOf(request: KoaContextWithOIDC): string {
  return text(request.oidc.params, 'grant_type')
}

/** A failure is looked up by the id that its caller was told. Successes are many, and go without. */
function failureOf(request: KoaContextWithOIDC) {
  return { ...factsOf(request), details: { request: { id: request.get(requestIdHeader) } } }
}

function factsOf(request: KoaContextWithOIDC): Omit<LogEntry, 'type' | 'description' | 'date'> {
  const { client, params, entities } = request.oidc
  const userId = entities.Account?.accountId ?? request.oidc.session?.accountId
  const resource = params?.['resource']
  return {
    ip: request.ip,
    userAgent: request.get('user-agent') || undefined,
    clientId: client?.clientId,
    clientName: client?.clientName,
    userId,
    audience: typeof resource === 'string' ? fromResource(resource) : undefined,
    scope: typeof params?.['scope'] === 'string' ? params['scope'] : undefined,
  }
}
