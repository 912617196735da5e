import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const connections = 16
/** Requests that go out at once on a connection: the less the sockets cost, the more of what remains is the guard's. */
const pipelined = 8

/** Requests to one server, over connections that stay open until it is disposed of. */
export interface Load extends Disposable {
  /**
   * Sends so many requests, each with the next token, and resolves when all are answered.
   *
   * @throws when any answer is not 200
   */
  send(count: number): Promise<void>
}

export async function loadOn(address: string, path: string, tokens: readonly string[]): Promise<Load> {
  const { hostname, port } = new URL(address)
  const requests = tokens.map(
    (token) => `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  )
  const open = await Promise.all(
    Array.from({ length: connections }, () => connection(hostname, Number(port))),
  )
  let sent = 0
  return {
    async send(count) {
      const end = sent + count
      const nextBatch = () =>
        Array.from({ length: Math.min(pipelined, end - sent) }, () => requests[sent++ % requests.length])
      const drive = async ({ exchange }: Connection): Promise<void> => {
        for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) await exchange(batch)
      }
      await awake(Promise.all(open.map(drive)))
    },
    [Symbol.dispose]() {
      for (const { socket } of open) socket.destroy()
    },
  }
}

interface Connection {
  socket: Socket
  /** Sends requests in one piece and waits for as many answers, each with a JSON object for its body. */
  exchange: (requests: readonly (string | undefined)[]) => Promise<void>
}

async function connection(host: string, port: number): Promise<Connection> {
  const socket = connect(port, host).setNoDelay(true).setEncoding('latin1')
  await once(socket, 'connect')
  const chunks = socket.iterator({ destroyOnReturn: false })
  const exchange: Connection['exchange'] = async (requests) => {
    socket.write(requests.join(''))
    let answers = ''
    while (answers.split('HTTP/1.1 200 ').length <= requests.length || !answers.endsWith('}')) {
      const { done, value } = await chunks.next()
      if (done === true) throw new Error('The server closed a connection with requests unanswered')
      answers += value
      const wrong = /HTTP\/1\.1 (?!200)\d{3}.*/s.exec(answers)
      if (wrong !== null) throw new Error(`A request was answered ${wrong[0].slice(0, 300)}`)
    }
  }
  return { socket, exchange }
}

/**
 * Keeps this process from sleeping until the work is done. A server that wakes another process up pays for it, and
 * the slower server would do so more often.
 */
async function awake<Value>(work: Promise<Value>): Promise<Value> {
  let working = true
  const turn = () => {
    if (working) setImmediate(turn)
  }
  turn()
  return work.finally(() => {
    working = false
  })
}
