import { given, type Log } from '@rolecall/contract'
import type { LogRecord } from './store.ts'

/** Converts an entry to its wire format. */
export function logToWire(record: LogRecord): Log {
  const { references, ...details } = record.details ?? {}
  return {
    _id: record.logId,
    log_id: record.logId,
    date: new Date(record.date).toISOString(),
    type: record.type,
    description: record.description,
    ...given('client_id', record.clientId),
    ...given('client_name', record.clientName),
    ...given('connection', record.connection),
    ...(record.connection !== undefined && strategyOf(record)),
    ...given('ip', record.ip),
    ...given('user_agent', record.userAgent),
    isMobile: /\bMobile\b|\bAndroid\b|\biPhone\b/.test(record.userAgent ?? ''),
    ...given('user_id', record.userId),
    ...given('user_name', record.userName),
    ...given('audience', record.audience),
    ...given('scope', record.scope),
    ...((record.targets || Object.keys(details).length > 0) && {
      details: { ...details, ...given('targets', record.targets) },
    }),
    ...given('references', referencesOf(references)),
  }
}

/** Auth0's types of the strategies. A user's id begins with that of their connection. */
function strategyOf({ strategy, userId = '' }: LogRecord): Pick<Log, 'strategy' | 'strategy_type'> {
  const known = strategy ?? userId.slice(0, userId.indexOf('|'))
  if (known === 'github') return { strategy: 'github', strategy_type: 'social' }
  return known === 'oidc'
    ? { strategy: 'oidc', strategy_type: 'enterprise' }
    : { strategy: 'auth0', strategy_type: 'database' }
}

/** The texts of the stored object: `correlation_id`, `plan_id`, `reference`. */
function referencesOf(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return texts.length > 0 ? Object.fromEntries(texts) : undefined
}
