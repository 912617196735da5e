import { type LogType, refusalTypes } from '@rolecall/contract'

/** Groups of event types, as conditions of a search. */
export const kinds = {
  all: [],
  logins: ['s', 'ss', 'slo', 'ssa', 'gd_auth_succeed', 'gd_recovery_succeed'],
  refusals: refusalTypes,
  tokens: ['seacft', 'seccft', 'sertft', 'sede'],
  changes: ['sapi', 'fapi'],
} as const satisfies Record<string, readonly LogType[]>

export type Kind = keyof typeof kinds

export const kindNames = ['all', 'logins', 'refusals', 'tokens', 'changes'] as const satisfies Kind[]

function isKind(name: string | null): name is Kind {
  return name !== null && Object.hasOwn(kinds, name)
}

interface Filters {
  kind: Kind
  text: string
  /** Days, `YYYY-MM-DD`; empty is open. */
  from: string
  to: string
  /** An application whose silent log-ins, and the tokens that follow them, are left out. */
  withoutSilentOf?: string | undefined
}

/** The filters as the address has them. */
export function filtersIn(search: URLSearchParams): Filters {
  const kind = search.get('kind')
  return {
    kind: isKind(kind) ? kind : 'all',
    text: search.get('q') ?? '',
    from: search.get('from') ?? '',
    to: search.get('to') ?? '',
  }
}

const silent = ['ssa', 'fsa', 'seacft', 'sertft']

/** A search in the server's subset of Lucene: it has no parentheses, so every alternative repeats the rest. */
export function toSearch({ kind, text, from, to, withoutSilentOf: client }: Filters): string {
  const range = from || to ? `date:[${from || '*'} TO ${to || '*'}]` : ''
  const rest = join(text.trim(), range)
  const types: readonly string[] = kinds[kind]
  const notOfClient = client === undefined ? '' : `-client_id:${JSON.stringify(client)}`
  if (types.length > 0)
    return types.map((type) => join(`type:${type}`, silent.includes(type) && notOfClient, rest)).join(' OR ')
  if (!notOfClient) return rest
  return [notOfClient, silent.map((type) => `-type:${type}`).join(' ')]
    .map((condition) => join(rest, condition))
    .join(' OR ')
}

const join = (...parts: (string | false)[]) => parts.filter(Boolean).join(' ')
