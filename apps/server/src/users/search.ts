import { sql } from 'kysely'
import {
  always,
  any,
  type Condition,
  type Field,
  type FieldTable,
  type Fold,
  flagField,
  folded,
  nameFold,
  numberField,
  piecesOf,
  textField,
  timeField,
  wordOf,
} from '../search/conditions.ts'
import type { Query } from '../search/lucene.ts'
import { domainKey, emailKey, foldText } from '../store/canonical.ts'
import { literal, matches } from '../store/sql.ts'
import { hasAccount } from './linked-accounts.ts'
import { metadataField } from './search-metadata.ts'

/** The end of an address is the end of a domain, or longer. A text with white space, which a key trims, is neither. */
const endOfAddress = (text: string) =>
  /\s/.test(text) ? foldText(text) : text.includes('@') ? emailKey(text) : domainKey(text)
const emailFold: Fold = { whole: emailKey, end: endOfAddress }
const domainFold: Fold = { whole: domainKey, end: endOfAddress }

/**
 * The fields of the user search, by their names on the wire.
 * @param isNarrow whether another index limits the search to few users, as `indexFor` says
 */
export function userFields(postgres: boolean, isNarrow: boolean): FieldTable {
  const indexed = postgres || !isNarrow
  const exact = (column: string) => textField(column, { postgres })
  const id = (column: string) => textField(column, { postgres, bytewise: true })
  const key = (column: string, fold = nameFold) => textField(column, { postgres, fold, bytewise: true })
  const userId = id('user_id')
  const fields: Record<string, Field> = {
    user_id: userId,
    email: key('email_key', emailFold),
    'email.domain': domainTest,
    email_verified: flagField('email_verified', { indexed }),
    name: key('name_key'),
    nickname: key('nickname_key'),
    given_name: key('given_name_key'),
    family_name: key('family_name_key'),
    username: exact('username'),
    phone_number: exact('phone_number'),
    picture: exact('picture'),
    blocked: flagField('blocked', { indexed }),
    logins_count: numberField('logins_count'),
    created_at: timeField('created_at'),
    updated_at: timeField('updated_at'),
    last_login: timeField('last_login'),
    last_password_reset: timeField('last_password_reset'),
    last_ip: exact('last_ip'),
    'identities.connection': (test, name) => {
      const own = textField('connection', { postgres, bytewise: true, indexed })
      const linked = textField('provider.name', { postgres, bytewise: true })
      return any([own(test, name), hasAccount(linked(test, name))])
    },
    'identities.provider': (test, name) => {
      if (test.kind === 'exists') return always
      const provider = wordOf(test, name)
      const own = textField('user_id', { postgres, bytewise: true, indexed })
      const ofProvider = own({ kind: 'text', pieces: [`${provider}|`, ''] }, name)
      return any([ofProvider, hasAccount(sql`provider.strategy = ${provider}`)])
    },
    'identities.user_id': (test, name) => {
      if (test.kind === 'exists') return always
      const [start = '', ...rest] = piecesOf(test, name)
      const own = providers.map((provider) =>
        userId({ kind: 'text', pieces: [`${provider}|${start}`, ...rest] }, name),
      )
      const linked = textField(accountId, { postgres })
      return any([...own, hasAccount(linked(test, name))])
    },
  }
  const searched = ['email', 'name', 'nickname', 'given_name', 'family_name'].flatMap(
    (name) => fields[name] ?? [],
  )
  return {
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : metadataField(name, postgres)),
    bareTerm: (test, name) => {
      const pieces = piecesOf(folded(test, nameFold), name)
      const whole = searched.map((field) => field(test, name))
      return any(pieces.length > 1 ? whole : [...whole, wordInName(pieces.join(''))])
    },
  }
}

const providers = ['auth0', 'oidc', 'github']

/** The id of a linked account on the wire: the subject, after the connection where a provider has several of them. */
const accountId = sql`case provider.strategy when 'github' then linked.subject else provider.name || '|' || linked.subject end`

function domainTest(...[test, name]: Parameters<Field>): Condition {
  if (test.kind === 'exists') return always
  const pieces = piecesOf(folded(test, domainFold), name)
  return matches(sql.ref('email_key'), `%@${pieces.map(literal).join('%')}`)
}

const inName = (pattern: string) => matches(sql.ref('name_key'), pattern)

function wordInName(word: string): Condition {
  const text = literal(word)
  return any([inName(`${text} %`), inName(`% ${text}`), inName(`% ${text} %`)])
}

type SearchIndex = 'email_key' | 'name_key' | 'user_id'

const searchIndexes: Record<string, SearchIndex> = {
  email: 'email_key',
  name: 'name_key',
  user_id: 'user_id',
}

/**
 * The index that limits a search to few users. `several`: more than one together. Undefined: every user is read.
 */
export function indexFor(query: Query): SearchIndex | 'several' | undefined {
  switch (query.kind) {
    case 'all':
      return query.parts.map(indexFor).find((index) => index !== undefined)
    case 'any': {
      const indexes = new Set(query.parts.map(indexFor))
      if (indexes.has(undefined)) return undefined
      return indexes.size === 1 ? [...indexes][0] : 'several'
    }
    case 'not':
      return undefined
    default: {
      const { field, test } = query
      const isNarrow = test.kind === 'text' && (test.pieces[0] ?? '') !== ''
      return isNarrow && field !== undefined && Object.hasOwn(searchIndexes, field)
        ? searchIndexes[field]
        : undefined
    }
  }
}
