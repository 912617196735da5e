import { codeOf } from './values.ts'

/** SQLSTATE classes 08 (connection) and 57P (shutdown), 53300 (too many connections), and Node's codes of a broken connection. */
const codes = /^(08...|57P0.|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/
/** What the PostgreSQL driver says without a code. */
const messages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** Whether an error means that the database does not answer now: asked again later, it may. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const isConnect = 'syscall' in error && error.syscall === 'connect'
  return isConnect || codes.test(String(codeOf(error))) || messages.test(error.message)
}
