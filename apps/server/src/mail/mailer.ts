import type { Transporter } from 'nodemailer'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import type { Db, Store } from '../store/store.ts'
import { observed } from '../telemetry/operations.ts'
import { claimMail, dueMail, insertMail, type Mail, markFailed, markSent } from './store.ts'

export interface Message {
  to: string
  subject: string
  text: string
  html: string
}

export interface Mailer {
  /** Resolves when the message is in the outbox (or written by `tx`). The delivery follows and is retried. */
  send(message: Message, tx?: Db): Promise<void>
  /** Attempts the mail that is due now. Resolves when all attempts have ended. */
  deliver(): Promise<void>
  /** Reports failed deliveries, without the content of the mail. */
  onProblem(listener: (problem: string) => void): void
  /** Stops retrying. Unsent mail is retried after the next start. */
  close(): Promise<void>
}

const maxAttempts = 6
const firstRetryMs = 5_000
const batch = 20
/** Ends an attempt with a mail server that does not respond. */
const timeoutMs = 10_000
/** How long a claim of a message lasts. */
const leaseMs = 60_000

/**
 * Sends through SMTP when it is configured. The outbox is then the queue: a message survives a restart, and its text is
 * deleted after it was sent. Without SMTP each message stays in the outbox, where the dashboard shows it.
 */
export function createMailer(config: Pick<Config, 'smtp'>, store: Store, clock: Clock): Mailer {
  const { smtp } = config
  let transport: Promise<Transporter> | undefined
  let report: ((problem: string) => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  const isOpen = () => timer !== undefined

  const attempt = async (mail: Mail) => {
    if (!(await claimMail(store.db, mail, clock() + leaseMs))) return
    try {
      transport ??= smtp && connect(smtp)
      const { recipient: to, subject, text, html } = mail
      await observed('mail.send', async () => (await transport)?.sendMail({ to, subject, text, html }))
      await markSent(store.db, mail.id, clock())
    } catch (error) {
      const attempts = mail.attempts + 1
      const retryAt = attempts < maxAttempts ? clock() + firstRetryMs * 4 ** (attempts - 1) : null
      const reason = oneLine(messageOf(error))
      await markFailed(store.db, mail.id, { attempts, retryAt, error: reason })
      report?.(`mail ${mail.id} was not sent (attempt ${attempts} of ${maxAttempts}): ${reason}`)
    }
  }
  const work = async () => {
    let due: Mail[]
    do {
      due = await dueMail(store.db, clock(), batch)
      await Promise.all(due.map(attempt))
    } while (due.length > 0 && isOpen())
  }
  const deliver = async () => {
    if (!smtp || !isOpen()) return
    running ??= work()
      .catch((error: unknown) => report?.(`the outbox cannot be read: ${messageOf(error)}`))
      .finally(() => {
        running = undefined
      })
    await running
  }
  if (smtp) {
    timer = setInterval(() => void deliver(), firstRetryMs)
    timer.unref()
    void deliver()
  }

  return {
    async send({ to, subject, text, html }, tx = store.db) {
      await insertMail(tx, {
        id: `mail_${randomAlphanumeric(16)}`,
        recipient: oneLine(to),
        subject: oneLine(subject),
        text,
        html,
        createdAt: clock(),
        retryAt: smtp ? clock() : null,
      })
      setImmediate(() => void deliver())
    },
    deliver,
    onProblem(listener) {
      report = listener
    },
    async close() {
      clearInterval(timer)
      timer = undefined
      await running
      const opened = await transport
      opened?.close()
    },
  }
}

/** Loads the library with the first message. */
async function connect({ url, from }: NonNullable<Config['smtp']>): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  return createTransport(
    {
      url,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      // A template must not read files or fetch URLs.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  )
}

/** A line break in a header would start another header (CWE-93). */
const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ').slice(0, 998)

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
