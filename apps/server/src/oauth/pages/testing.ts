import { renderSVG } from 'uqr'
import { requestOptions } from '../../factors/webauthn.ts'
import type { Problem } from '../../pages/problems.ts'
import { tutorial } from '../../seed/tutorial.ts'
import { accountGallery } from '../account-page/testing.ts'
import { consentPage } from './consent.ts'
import { activatePage, confirmDevicePage, deviceDonePage } from './device.ts'
import { errorPage } from './error.ts'
import { codePage, keyPage, recoveryCodesPage, setUpKeyPage, setUpTotpPage } from './factors.ts'
import { loggedOutPage, logoutPage } from './logout.ts'
import {
  forgotPage,
  forgotSentPage,
  linkInvalidPage,
  resetDonePage,
  resetPage,
  verifiedPage,
  verifyPage,
} from './password.ts'
import { linkAccountPage, providersPage } from './providers.ts'
import { loginPage, signUpPage } from './sign-in.ts'

/** Every page in each of its states, with what a person or a tenant typed filled in where it shows. */
export function gallery(typed: {
  tenant: string
  application: string
  email: string
  permission: string
}): Record<string, string> {
  const { tenant, application, email, permission } = typed
  const frame = { tenant, application, supportUrl: 'https://help.example.com/' }
  const credentials = { frame, action: '/send', csrf: 'token', email }
  const login = { ...credentials, forgotUrl: '/forgot', signUpUrl: '/sign-up' }
  const signUp = { ...credentials, logInUrl: '/log-in', policy: { passwordPolicy: 'excellent' } as const }
  const buttons = {
    action: '/send',
    csrf: 'token',
    providers: [
      { name: 'company', displayName: application },
      { name: 'github', displayName: 'GitHub' },
    ],
  }
  const link = { ...credentials, provider: application, allowsSeparate: true, backUrl: '/back' }
  const mailed = { frame, action: '/send', hidden: { _csrf: 'token', ticket: 'ticket' }, email }
  const reset = { ...mailed, policy: { passwordPolicy: 'fair' } as const }
  const verify = { ...mailed, asksPassword: true, forgotUrl: '/forgot' }
  const step = { ...credentials, base: '/interaction/x' }
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
  const offer = {
    secret,
    qr: renderSVG(`otpauth://totp/x?secret=${secret}`, { border: 2 }),
    sealed: 'sealed',
  }
  const passkey = {
    action: '/passkey',
    options: requestOptions({ id: 'localhost', origin: 'http://localhost' }, 'Y2hhbGxlbmdl'),
    sealed: 'sealed',
  }
  const recoveryCode = 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ01'
  const logoutForm = '<form id="op.logoutForm" method="post" action="/oidc/logout/confirm"></form>'
  const wait: Problem = { refused: 'too_many_attempts', retryAfterSeconds: 61 }
  const weak: Problem = {
    refused: 'weak',
    problem: { name: 'PasswordStrengthError', message: 'Password is too weak', rules: [], policy: '' },
  }
  return {
    login: loginPage({ ...login, email: undefined }),
    'login, wrong': loginPage({ ...login, problem: { refused: 'wrong' } }),
    'login, too many attempts': loginPage({ ...login, problem: wait }),
    'login, password changed': loginPage({ ...login, passwordChanged: true, signUpUrl: undefined }),
    'login, other providers': loginPage({ ...login, buttons }),
    'login, provider failed': loginPage({
      ...login,
      buttons,
      problem: { refused: 'provider_failed', provider: application },
    }),
    'login, other providers alone': providersPage({ frame, buttons, problem: undefined }),
    'sign-up, other providers': signUpPage({ ...signUp, buttons }),
    'connect accounts': linkAccountPage(link),
    'connect accounts, wrong': linkAccountPage({
      ...link,
      allowsSeparate: false,
      problem: { refused: 'wrong' },
    }),
    'sign-up': signUpPage({ ...signUp, email: undefined, policy: {} }),
    'sign-up, weak': signUpPage({ ...signUp, problem: weak }),
    'sign-up, exists': signUpPage({ ...signUp, problem: { refused: 'exists' } }),
    forgot: forgotPage({ ...mailed, email: undefined, backUrl: '/back' }),
    'forgot, invalid': forgotPage({ ...mailed, problem: { refused: 'invalid' } }),
    'forgot, sent': forgotSentPage({ frame, email, sendsMail: true, backUrl: '/back' }),
    'forgot, other providers': forgotSentPage({ frame, email, sendsMail: true, hasProviders: true }),
    'forgot, kept': forgotSentPage({ frame, email, sendsMail: false, backUrl: '/back' }),
    reset: resetPage(reset),
    'reset, weak': resetPage({ ...reset, problem: weak }),
    'reset, done': resetDonePage({ frame, nextUrl: 'https://app.example.com/' }),
    'link invalid': linkInvalidPage({ frame, retryUrl: '/forgot' }),
    verify: verifyPage(verify),
    'verify, wrong': verifyPage({ ...verify, problem: { refused: 'wrong' } }),
    'verify, no password': verifyPage({ ...verify, asksPassword: false }),
    'verify, new address': verifyPage({ ...verify, newEmail: 'new.address@example.com' }),
    verified: verifiedPage({ frame, email }),
    logout: logoutPage({ frame, form: logoutForm }),
    'logged out': loggedOutPage({ frame }),
    consent: consentPage({
      frame,
      action: '/send',
      csrf: 'token',
      email,
      scopes: ['openid', 'profile', 'email', 'offline_access', permission],
      api: {
        name: tenant,
        permissions: [
          { value: permission, description: application },
          { value: permission, description: '' },
        ],
      },
    }),
    'consent, no permission': consentPage({
      frame,
      action: '/send',
      csrf: 'token',
      email,
      scopes: ['openid'],
      api: { name: tenant, permissions: [] },
    }),
    'login, passkey': loginPage({ ...login, passkey }),
    'login, wrong passkey': loginPage({ ...login, passkey, problem: { refused: 'wrong_passkey' } }),
    'second step': codePage({ ...step, kind: 'totp', others: ['key', 'recovery'], problem: undefined }),
    'second step, wrong': codePage({
      ...step,
      kind: 'totp',
      others: [],
      problem: { refused: 'wrong_code' },
    }),
    'second step, recovery': codePage({ ...step, kind: 'recovery', others: ['totp'], problem: wait }),
    'second step, key': keyPage({
      ...step,
      request: passkey,
      others: ['totp', 'recovery'],
      problem: undefined,
    }),
    'second step, copied key': keyPage({
      ...step,
      request: passkey,
      others: ['recovery'],
      problem: { refused: 'key_copied' },
    }),
    'set up an app': setUpTotpPage({ ...step, offer, offersKey: true, problem: undefined }),
    'set up an app, wrong': setUpTotpPage({
      ...step,
      offer,
      offersKey: false,
      problem: { refused: 'wrong_code' },
    }),
    'set up a key': setUpKeyPage({ ...step, offer: passkey, offersApp: true, problem: undefined }),
    'set up a key, taken': setUpKeyPage({
      ...step,
      offer: passkey,
      offersApp: false,
      problem: { refused: 'key_taken' },
    }),
    'recovery codes': recoveryCodesPage({ ...step, codes: Array.from({ length: 8 }, () => recoveryCode) }),
    'recovery codes, none': recoveryCodesPage({ ...step, codes: [] }),
    activate: activatePage({ frame, xsrf: 'token', code: undefined, problem: undefined }),
    'activate, wrong': activatePage({ frame, xsrf: 'token', code: permission, problem: 'wrong' }),
    'activate, confirm': confirmDevicePage({ frame, xsrf: 'token', code: 'BCDF-GHJK' }),
    'activate, done': deviceDonePage({ frame }),
    error: errorPage({ frame, code: 'invalid_request', description: application, reference: 'req-1' }),
    ...accountGallery(typed),
  }
}

/** Values as the tutorial has them. */
export const usual = {
  tenant: 'Rolecall',
  application: 'Hello World React Client',
  email: 'rosalind.meyer@example.com',
  permission: tutorial.permission.value,
}
