import type { LogType } from '@rolecall/contract'

/** Groups of event types, as conditions of a search. */
export const kinds = {
  all: [],
  logins: ['s', 'ss', 'slo', 'ssa'],
  refusals: [
    'f',
    'fp',
    'fu',
    'fs',
    'feacft',
    'feccft',
    'fertft',
    'ferrt',
    'fede',
    'fdeaz',
    'fcpr',
    'fapi',
    'limit_wc',
    'limit_mu',
  ],
  tokens: ['seacft', 'seccft', 'sertft', 'sede'],
  changes: ['sapi', 'fapi'],
} as const satisfies Record<string, readonly LogType[]>

export type Kind = keyof typeof kinds

export const kindNames = ['all', 'logins', 'refusals', 'tokens', 'changes'] as const satisfies Kind[]

export function isKind(name: string | null): name is Kind {
  return name !== null && Object.hasOwn(kinds, name)
}

interface Filters {
  kind: Kind
  text: string
  /** Days, `YYYY-MM-DD`; empty is open. */
  from: string
  to: string
}

/** A search in the server's subset of Lucene: it has no parentheses, so every alternative repeats the rest. */
export function toSearch({ kind, text, from, to }: Filters): string {
  const range = from || to ? `date:[${from || '*'} TO ${to || '*'}]` : ''
  const rest = [text.trim(), range].filter(Boolean).join(' ')
  const types: readonly string[] = kinds[kind]
  if (types.length === 0) return rest
  return types.map((type) => `type:${type} ${rest}`.trim()).join(' OR ')
}
