import { codeOf } from './values.ts'

/** The store cannot be used as it is configured. The message tells the operator what to do, in one sentence. */
export class StoreError extends Error {
  override name = 'StoreError'
}

/** Another process uses the file of the store, which only one can use. */
export class StoreInUseError extends StoreError {}

/** The store does not answer, or cannot write, at the moment. */
export class StoreUnavailable extends StoreError {
  override name = 'StoreUnavailable'
}

/**
 * SQLSTATE classes 08 (connection), 53 (insufficient resources, a full disk among them), 57P (shutdown) and 58 (system
 * error), 57014 (statement_timeout), 25006 (a standby), and Node's codes of a broken connection.
 */
const codes =
  /^(08...|53...|57P0.|58...|57014|25006|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/
/** Messages of the PostgreSQL driver that have no code. */
const messages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error)/
/** SQLITE_BUSY, _READONLY, _IOERR, _FULL and _CANTOPEN; the low byte of an extended code. */
const sqliteCodes = new Set([5, 8, 10, 13, 14])

/** Whether the database does not answer at the moment, so that a later attempt may succeed. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof StoreUnavailable) return true
  const code = codeOf(error)
  if (typeof code === 'number') return sqliteCodes.has(code & 0xff)
  const isConnect = 'syscall' in error && error.syscall === 'connect'
  return isConnect || codes.test(String(code)) || messages.test(error.message) || isUnavailable(error.cause)
}

/** SQLITE_CORRUPT; data_corrupted and index_corrupted. */
export function isDamaged(error: unknown): boolean {
  const code = codeOf(error)
  return typeof code === 'number' ? (code & 0xff) === 11 : code === 'XX001' || code === 'XX002'
}
