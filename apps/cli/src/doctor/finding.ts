/** The result of one check. */
export interface Finding {
  /** `warn` does not make the command fail. */
  status: 'ok' | 'warn' | 'fail'
  /** What was checked, in one or two words. */
  subject: string
  /** What was found and, unless it is ok, what to do. */
  message: string
}

export const ok = (subject: string, message: string): Finding => ({ status: 'ok', subject, message })
export const warn = (subject: string, message: string): Finding => ({ status: 'warn', subject, message })
export const fail = (subject: string, message: string): Finding => ({ status: 'fail', subject, message })
