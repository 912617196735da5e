import type { TokenSignature } from '@rolecall/contract'
import type { NoToken, OtherJwt, Trimmed } from './pasted-token.ts'

export const explain = {
  title: 'Explain access',
  subtitle: 'Why a user may do something or not, who can do it, and what tokens say.',
  tabs: {
    label: 'Questions',
    may: 'What may they do?',
    who: 'Who can do this?',
    claims: 'What would the token say?',
    token: 'Read a token',
  },
}

export const fields = {
  application: 'Application',
  api: 'API',
  from: 'From',
  chooseUser: 'Choose a user',
  noUser: 'No user: the application itself',
  chooseApplication: 'Choose an application',
  anyApplication: 'Through any application',
  chooseApi: 'Choose an API',
  anyApi: 'All APIs',
  choosePermission: 'Choose a permission',
  anyPermission: 'All permissions',
}

export const may = {
  chooseTitle: 'Choose a user or an application',
  chooseBody: 'With a permission, the answer says why. With both, it is about the user in this application.',
  blocked: 'The user is blocked: no token is issued to them, whatever they hold.',
  unlimited: (apis: string[]) =>
    `Without RBAC, any user may request any scope. This is so for: ${apis.join(', ')}.`,
  ofUser: {
    title: 'Permissions',
    hint: 'Everything that this user holds, through roles and directly.',
    none: 'No permissions',
    noneBody: 'Choose a permission above to see which roles give it.',
  },
  ofApplication: {
    title: 'Permissions of the application itself',
    hint: 'What its client grants contain. Its users have permissions of their own.',
    none: 'No permissions',
    noneBody: 'The application has no client grant with a permission.',
  },
}

export const explanation = {
  may: 'may',
  mayNot: 'may not',
  on: 'on',
  through: 'through',
  why: 'Why',
  holds: 'holds',
  contains: ', which contains',
  givenBy: (connections: string[]) => ` (given by ${connections.join(' and ')})`,
  directly: 'directly.',
  claims: (inPermissions: boolean, scope: 'always' | 'on_request' | 'never') => {
    const inScope = { always: 'scope', on_request: 'scope, if the application requests it', never: undefined }
    const claims = [inPermissions ? 'permissions' : undefined, inScope[scope]].filter(
      (claim) => claim !== undefined,
    )
    return `A token that is issued now has it in ${claims.join(' and in ')}.`
  },
  never: 'A token that is issued now does not have it.',
  lastChange: 'Last change',
  noChange: 'The log has no entry about it.',
  giving: 'Roles that give it',
  givingHint: 'With these roles a user has the permission.',
  givingMore: 'With these roles, and others, a user has the permission.',
  noRole: 'No role contains it.',
  role: 'Role',
  assigned: 'Assigned',
  assigners: 'Who may assign it',
  noAssigner: 'No user and no application',
  others: 'and others',
  next: 'Related questions',
  toWho: 'Who can do this?',
  toClaims: 'What would the token say?',
}

export const places = {
  account: 'See the account',
  roles: 'See the roles of the user',
  grantTypes: 'See the grant types',
  grants: 'See the grants',
  apiSettings: 'See the settings of the API',
}

export const who = {
  chooseTitle: 'Choose an API and a permission',
  chooseBody: 'The answer lists the users and the applications that have it, and through what.',
  unlimited: (api: string) =>
    `${api} does not enforce RBAC: any user may request this scope, and the list of users limits nothing.`,
  toSettings: 'See the settings of the API',
  users: { title: 'Users', none: 'No user has this permission', inList: 'Show in the list of users' },
  applications: {
    title: 'Applications',
    hint: 'Applications with a client grant that contains it.',
    none: 'No client grant contains this permission',
  },
  blocked: 'Blocked',
  grantFor: 'Grant for',
  subjects: { client: 'the application itself', user: 'users of the application' },
  allScopes: 'with all permissions of the API',
  why: 'Why?',
  whyOf: (name: string) => `Why ${name}?`,
}

export const claims = {
  chooseTitle: 'Choose an application and an API',
  chooseBody: 'The answer shows the claims of an access token that would be issued now. No token is issued.',
  scope: 'Requested scopes',
  issued: 'The token',
  validFor: (time: string) => `It is valid for ${time}.`,
  consent: 'The user is asked for consent first, unless they agreed before.',
  payload: 'Claims',
  refused: 'There would be no token.',
}

const problems: Record<NoToken, string> = {
  empty: '',
  too_long: '',
  opaque:
    'This is not a JWT. It may be an opaque access token, which an application gets that requests no audience: only /userinfo accepts it, so request the audience of the API. It may also be a refresh token or a code, which an application exchanges for an access token and does not send to an API.',
  cut_off: 'A part of the token is missing or damaged. Copy all of it: three parts with a dot between them.',
  encrypted:
    'This token is encrypted (JWE), so only its receiver can read it. This server issues no encrypted tokens: it is from another server.',
  decoded: 'This is the content of a token. Paste the token itself.',
  no_token_in_json: 'This JSON has no access_token. Paste the answer of the token endpoint, or the token.',
  unreadable: 'This is not a token. An access token is a JWT: three parts with a dot between them.',
}

const kinds: Record<OtherJwt, string> = {
  id_token:
    'This is an ID token. It tells an application who has logged in, and no API accepts it. Send the access token to the API.',
  logout_token: 'This is a logout token. The server sends it to an application when a session ends.',
  event: 'This is a security event (RFC 8417), not an access token.',
  proof: 'This is a DPoP proof (RFC 9449). It is sent next to the access token.',
}

const trimmings: Record<Trimmed, string> = {
  bearer: 'the word before the token',
  quotes: 'quotes',
  whitespace: 'spaces and line breaks',
  json: 'the JSON around it',
  address: 'the address around it',
}

const signatures: Record<TokenSignature, string> = {
  valid: 'Valid: a published key of this server, or the secret of the API, signed it',
  invalid: 'Invalid',
  unknown_key: 'The key is not published by this server',
  not_checked: 'Not checked',
}

export const token = {
  paste: 'Read a token',
  field: 'Access token',
  privacy:
    'The token is read in this browser and is not stored. Only a token that is signed with the secret of an API (HS256) is sent, to this server alone, to verify it; the server neither stores nor logs it.',
  anyApi: 'For the API of its audience',
  clear: 'Clear',
  tooLong: (length: string) =>
    `${length} characters are longer than any token that an API accepts. Nothing was read.`,
  problems,
  kinds,
  trimmed: (what: string[]) => `Left out: ${what.join(', ')}.`,
  trimmings,
  good: 'Signature, issuer, audience and times are right.',
  goodUnverified: 'Issuer, audience and times are right. The signature is not verified.',
  facts: 'What the token says',
  signature: 'Signature',
  signatures,
  key: 'Key',
  issuer: 'Issuer',
  audience: 'Audience',
  subject: 'Subject',
  application: 'Application',
  issuedAt: 'Issued',
  expiresAt: 'Expires',
  serverClock: 'Server’s clock',
  clock: (ahead: number) =>
    Math.abs(ahead) < 2
      ? 'As this browser’s clock'
      : `${Math.abs(ahead)} seconds ${ahead > 0 ? 'ahead of' : 'behind'} this browser’s clock`,
  dialect: 'Dialect',
  dialects: (isRfc9068: boolean, hasPermissions: boolean) =>
    `${isRfc9068 ? 'RFC 9068' : 'Auth0'}, ${hasPermissions ? 'with' : 'without'} the permissions claim`,
  size: 'Size',
  bytes: (n: string) => `${n} bytes`,
  bound: 'Bound to a key',
  boundTo: 'Each request needs a DPoP proof of this key (RFC 9449)',
  absent: 'Not in the token',
  payload: 'Claims',
  header: 'Header',
}

export const rightsThen = {
  title: 'Permissions then and now',
  hint: 'Now: in a new token with the same scope.',
  refused: 'There would be no new token.',
  gone: 'The user or the application of this token does not exist any more, so there would be no new token.',
  none: 'Neither this token nor a new one has a permission.',
  before: 'In this token',
  now: 'Now',
  given: 'Given since',
  taken: 'Taken since',
  why: 'Why?',
  whyOf: (permission: string) => `Why ${permission}?`,
}

export const remedies = {
  apis: 'See the APIs',
  defaultAudience: 'See the default audience',
  snippet: 'See how the API is configured',
  keys: 'See the signing keys',
  switches: 'See the RBAC settings',
  lifetime: 'See the lifetime',
}
