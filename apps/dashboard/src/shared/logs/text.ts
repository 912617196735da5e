import type { LogType } from '@rolecall/contract'

export const logTable = {
  label: 'Logs',
  history: 'History',
  historyHint: 'What was changed here, when and by whom.',
  noHistory: {
    title: 'No change is recorded',
    body: 'Changes by earlier versions are under Logs, without the names of what they changed.',
  },
  when: 'When',
  event: 'Event',
  application: 'Application',
  clientId: 'client ID',
  ip: 'Address',
  emptyTitle: 'Nothing has happened yet',
  emptyBody: 'Log-ins, refusals and changes appear here as they happen.',
  noMatch: 'No entry matches.',
  unknownType: (type: string) => `Event ${type}`,
}

export interface EventType {
  text: string
  tone: 'ok' | 'warn' | 'danger' | 'plain'
}

/** What Auth0's event codes mean: https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes */
export const eventTypes: Record<LogType, EventType> = {
  s: { text: 'Logged in', tone: 'ok' },
  ssa: { text: 'Logged in silently', tone: 'ok' },
  ss: { text: 'Signed up', tone: 'ok' },
  slo: { text: 'Logged out', tone: 'plain' },
  f: { text: 'Log-in refused', tone: 'danger' },
  fp: { text: 'Wrong password', tone: 'danger' },
  fu: { text: 'Unknown user', tone: 'danger' },
  fs: { text: 'Sign-up refused', tone: 'danger' },
  fsa: { text: 'Silent log-in refused', tone: 'plain' },
  seacft: { text: 'Code exchanged for a token', tone: 'plain' },
  feacft: { text: 'Code refused', tone: 'danger' },
  seccft: { text: 'Token for an application', tone: 'plain' },
  feccft: { text: 'Application refused', tone: 'danger' },
  sertft: { text: 'Token refreshed', tone: 'plain' },
  fertft: { text: 'Refresh refused', tone: 'danger' },
  sede: { text: 'Token for a device', tone: 'plain' },
  fede: { text: 'Device refused', tone: 'danger' },
  fdeaz: { text: 'Device request refused', tone: 'danger' },
  ferrt: { text: 'Stolen refresh token used', tone: 'danger' },
  sapi: { text: 'Change', tone: 'plain' },
  fapi: { text: 'Change refused', tone: 'danger' },
  scp: { text: 'Password changed', tone: 'plain' },
  sce: { text: 'Email address changed', tone: 'plain' },
  sdu: { text: 'Account deleted', tone: 'plain' },
  scpr: { text: 'Password reset requested', tone: 'plain' },
  fcpr: { text: 'Password reset refused', tone: 'danger' },
  sv: { text: 'Email verified', tone: 'ok' },
  limit_wc: { text: 'Account paused: wrong passwords', tone: 'warn' },
  limit_mu: { text: 'Network paused: wrong passwords', tone: 'warn' },
  gd_auth_succeed: { text: 'Second step passed', tone: 'ok' },
  gd_auth_failed: { text: 'Second step refused', tone: 'danger' },
  gd_recovery_succeed: { text: 'Recovery code used', tone: 'warn' },
  gd_recovery_failed: { text: 'Wrong recovery code', tone: 'danger' },
  gd_otp_rate_limit_exceed: { text: 'Account paused: second step', tone: 'warn' },
  gd_enrollment_complete: { text: 'Second factor or passkey set up', tone: 'ok' },
  gd_unenroll: { text: 'Second factor or passkey removed', tone: 'warn' },
  w: { text: 'Warning', tone: 'warn' },
}
