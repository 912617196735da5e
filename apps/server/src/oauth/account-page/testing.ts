import type { KeyOffer } from '../../factors/keys.ts'
import type { User } from '../../users/user.ts'
import { addKeyPage, codesPage, methodPage, renewCodesPage } from './factor-pages.ts'
import type { Overview } from './overview.ts'
import { deletedPage, deletePage, emailPage, notLoggedInPage, overviewPage, passwordPage } from './pages.ts'
import { confirmProviderPage, providersPage } from './provider-pages.ts'
import { noticeOf } from './refusals.ts'
import { accountTexts } from './texts.ts'

/** Every page of the account, with what a person or a tenant typed filled in where it shows. */
export function accountGallery(typed: {
  tenant: string
  application: string
  email: string
  permission: string
}): Record<string, string> {
  const { tenant, application, email, permission } = typed
  const frame = { tenant, supportUrl: 'https://help.example.com/' }
  const page = { frame, csrf: 'token', email }
  const wrong = { ...page, notice: noticeOf({ refused: 'wrong' }) }
  const user: User = {
    userId: 'auth0|1',
    connection: 'Username-Password-Authentication',
    email,
    emailVerified: false,
    name: application,
    nickname: '',
    picture: '',
    blocked: false,
    secondFactor: false,
    userMetadata: {},
    appMetadata: {},
    loginsCount: 1,
    createdAt: 0,
    updatedAt: 0,
  }
  const role = { roleId: 'rol_1', roleName: tenant, direct: true, connections: [] }
  const right = { apiId: '1', apiName: application, apiIdentifier: 'https://api.example.com', permission }
  const app = {
    id: 'totp|1',
    type: 'totp',
    name: 'Authenticator app',
    createdAt: 1_789_000_000_000,
    lastUsedAt: 1_790_000_000_000,
  } as const
  const offer: KeyOffer = {
    sealed: 'sealed',
    options: {
      challenge: 'Y2hhbGxlbmdl',
      rp: { name: tenant, id: 'localhost' },
      user: { id: 'dXNlcg', name: email, displayName: application },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    },
  }
  const identity = {
    connectionId: 'con_1',
    subject: '1',
    provider: 'Example',
    account: 'rosalind',
    createdAt: 1_789_000_000_000,
    lastLogin: 1_790_000_000_000,
  }
  const device = {
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
    usedAt: 1_790_000_000_000,
  }
  const identities = [
    { ...identity, isMain: true },
    { ...identity, provider: application, account: email, isMain: false, lastLogin: undefined },
  ]
  const codes = Array.from({ length: 8 }, () => 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ01')
  const overview: Overview = {
    user,
    parts: { password: true, profile: true },
    factors: {
      methods: [app, { ...app, id: 'totp|2', name: application, lastUsedAt: undefined }],
      codesLeft: 3,
      offered: ['passkey', 'totp', 'webauthn'],
      offersCodes: true,
    },
    identities,
    sessions: [
      { id: 'a', createdAt: 1_790_000_000_000, isCurrent: true, expiresAt: undefined, device },
      { id: 'b', createdAt: 1_789_000_000_000, isCurrent: false, expiresAt: undefined, device: {} },
    ],
    applications: [{ clientId: '1', name: application, scopes: ['openid', 'offline_access', permission] }],
    permissions: [
      { ...right, description: 'Read admin messages', sources: [role, undefined] },
      { ...right, description: '', sources: [role] },
    ],
    hasMorePermissions: true,
  }
  const success = { kind: 'success', text: accountTexts.done.name } as const
  return {
    account: overviewPage({ ...page, notice: success }, overview, {
      allowsDeletion: true,
      offersProviders: true,
    }),
    'account, little': overviewPage(
      page,
      {
        ...overview,
        parts: { password: false, profile: false },
        factors: { methods: [], codesLeft: undefined, offered: [], offersCodes: false },
        identities: [],
        applications: [],
        permissions: [],
        hasMorePermissions: false,
      },
      { allowsDeletion: false, offersProviders: false },
    ),
    'account, passkey': addKeyPage({ ...page, kind: 'passkey', offer }),
    'account, security key': addKeyPage({ ...page, kind: 'webauthn', offer }),
    'account, method': methodPage({ ...page, method: { ...app, name: application }, removal: 'last' }),
    'account, method required': methodPage({
      ...page,
      notice: noticeOf({ refused: 'required_factor' }),
      method: { ...app, name: application },
      removal: 'required',
    }),
    'account, codes': codesPage(frame, 'codesAdded', codes),
    'account, new codes': renewCodesPage({ ...page, left: 3 }),
    'account, providers': providersPage({
      ...page,
      identities,
      choices: [{ connectionId: 'con_2', displayName: application }],
    }),
    'account, no providers': providersPage({ ...page, identities: [], choices: [] }),
    'account, confirm': confirmProviderPage({ ...page, provider: application, account: email }),
    'account, email': emailPage(page),
    'account, password': passwordPage({ ...wrong, policy: { passwordPolicy: 'good' } }),
    'account, delete': deletePage(page),
    'account, deleted': deletedPage(frame),
    'account, cancelled': notLoggedInPage(frame, accountTexts.cancelled.lead),
  }
}
