import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, it, type TestContext, test } from 'node:test'
import { startManagement } from '../management/testing.ts'
import type { Store } from '../store/store.ts'
import { stores } from '../store/testing.ts'
import { createMailer } from './mailer.ts'
import { deleteOldMail, listMail, type Mail } from './store.ts'
import { resetPasswordMessage, verifyEmailMessage } from './templates.ts'

const message = { to: 'ada@example.com', subject: 'Hello', text: 'a link', html: '<a>link</a>' }

/** The one message there is. */
async function only({ db }: Store): Promise<Mail | undefined> {
  return (await listMail(db).slice({ offset: 0, limit: 9 }))[0]
}

/** A mail server that answers with `answer` and records what it receives. */
async function mailServer(t: TestContext, answer: (line: string) => string | undefined) {
  const received: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.write('220 test\r\n')
    let inData = false
    let rest = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        received.push(line)
        if (inData && line !== '.') continue
        inData = line === 'DATA'
        const reply = answer(line)
        if (reply !== undefined) socket.write(`${reply}\r\n`)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { received, smtp: { url: `smtp://127.0.0.1:${port}`, from: 'Rolecall <no-reply@example.com>' } }
}

const friendly = (line: string) =>
  line === 'DATA' ? '354 go' : line.startsWith('EHLO') ? '250 test' : line === 'QUIT' ? '221 bye' : '250 ok'

for (const kind of stores)
  describe(`mail on ${kind.name}`, () => {
    it('stays in the outbox where there is no mail server, and is read there by owners', async (t) => {
      const server = await startManagement(t, kind)
      await server.ctx.mailer.send({
        ...message,
        to: 'a@example.com\r\nBcc: b@example.com',
        subject: 'x\r\ny',
      })
      const [mail] = (await server.call('GET', '/rolecall/outbox')).body as unknown as Record<
        string,
        unknown
      >[]
      assert.deepEqual(
        [mail?.['to'], mail?.['subject'], mail?.['text'], mail?.['status'], mail?.['attempts']],
        ['a@example.com Bcc: b@example.com', 'x y', 'a link', 'kept', 0],
      )
      const token = await server.token(`${server.clientId}@clients`, ['read:tenant_settings', 'read:users'])
      const [hidden] = (await server.call('GET', '/rolecall/outbox', undefined, token))
        .body as unknown as Record<string, unknown>[]
      assert.deepEqual([hidden?.['to'], hidden?.['text'], hidden?.['html']], [mail?.['to'], '', ''])
    })

    it('is sent through SMTP, and its text is then deleted', async (t) => {
      const { received, smtp } = await mailServer(t, friendly)
      const store = await kind.open(t)
      const mailer = createMailer({ smtp }, store, Date.now)
      await mailer.send(message)
      await mailer.deliver()
      await mailer.close()
      assert.ok(received.includes('RCPT TO:<ada@example.com>'))
      assert.ok(received.includes('From: Rolecall <no-reply@example.com>'))
      const mail = await only(store)
      assert.deepEqual([mail?.text, mail?.html, mail?.retryAt, mail?.error], ['', '', undefined, undefined])
      assert.ok(mail?.sentAt)
    })

    it('is tried again with growing pauses, and given up after the sixth time', async (t) => {
      const { received, smtp } = await mailServer(t, (line) =>
        line.startsWith('RCPT') ? '451 later' : friendly(line),
      )
      const store = await kind.open(t)
      let now = Date.UTC(2027, 0, 1)
      const problems: string[] = []
      const mailer = createMailer({ smtp }, store, () => now)
      mailer.onProblem((problem) => problems.push(problem))
      await mailer.send(message)
      const pauses: number[] = []
      for (let attempt = 1; attempt <= 6; attempt++) {
        await mailer.deliver()
        const mail = await only(store)
        assert.equal(mail?.attempts, attempt)
        if (mail?.retryAt !== undefined) pauses.push((mail.retryAt - now) / 1_000)
        now = mail?.retryAt ?? now
      }
      await mailer.deliver()
      await mailer.close()
      assert.deepEqual(pauses, [5, 20, 80, 320, 1_280])
      const mail = await only(store)
      assert.deepEqual([mail?.attempts, mail?.retryAt, mail?.text], [6, undefined, 'a link'])
      assert.match(mail?.error ?? '', /451/)
      assert.equal(problems.length, 6)
      assert.equal(received.filter((line) => line.startsWith('RCPT')).length, 6)
    })

    it('is sent once by two servers that find it at the same time', async (t) => {
      const { received, smtp } = await mailServer(t, friendly)
      const store = await kind.open(t)
      const messages = Array.from({ length: 12 }, (_, index) => ({ ...message, to: `p${index}@example.com` }))
      const writer = createMailer({}, store, Date.now)
      for (const one of messages) await writer.send(one)
      await store.db.updateTable('outbox').set({ retry_at: 0 }).execute()
      const mailers = [createMailer({ smtp }, store, Date.now), createMailer({ smtp }, store, Date.now)]
      await Promise.all(mailers.map((mailer) => mailer.deliver()))
      await Promise.all(mailers.map((mailer) => mailer.close()))
      const recipients = received.filter((line) => line.startsWith('RCPT TO:')).toSorted()
      assert.deepEqual(recipients, messages.map(({ to }) => `RCPT TO:<${to}>`).toSorted())
    })

    it('is deleted when it is older than a given time', async (t) => {
      const store = await kind.open(t)
      let now = Date.UTC(2027, 0, 1)
      const mailer = createMailer({}, store, () => now)
      await mailer.send(message)
      assert.equal(await deleteOldMail(store.db, now), 0)
      now += 1
      await mailer.send(message)
      assert.equal(await deleteOldMail(store.db, now), 1)
      assert.equal(await listMail(store.db).count(), 1)
    })

    it('never keeps a request waiting for a mail server that hangs', async (t) => {
      const { smtp } = await mailServer(t, () => undefined)
      const store = await kind.open(t)
      const mailer = createMailer({ smtp }, store, Date.now)
      for (let index = 0; index < 5; index++) await mailer.send(message)
      const mails = await listMail(store.db).slice({ offset: 0, limit: 9 })
      // Delivery fails once the mail server has been silent for long: a request that waited for it would see that here.
      assert.deepEqual(
        mails.map(({ attempts, error, sentAt }) => [attempts, error, sentAt]),
        Array.from({ length: 5 }, () => [0, undefined, undefined]),
      )
    })
  })

test('letters show what people typed as text, and the link as it is (CVE-2022-1274)', () => {
  const letter = {
    tenant: '<img src=x onerror=alert(1)>',
    application: '"><a href="https://evil.example">',
    to: 'a@example.com',
    link: 'https://id.example.com/u/x?ticket=a&b="',
  }
  for (const compose of [verifyEmailMessage, resetPasswordMessage]) {
    const { html, text } = compose(letter)
    assert.ok(!html.includes('<img') && !html.includes('href="https://evil.example"'))
    assert.ok(html.includes('href="https://id.example.com/u/x?ticket=a&amp;b=&quot;"'))
    assert.ok(text.includes(letter.link))
  }
})
