import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: unknown
}

/** Sends a request with its headers exactly as given. Other clients would normalize them. */
export function get(
  port: number,
  path: string,
  headers: readonly string[] = [],
  method = 'GET',
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, host: '127.0.0.1', port, path, method, timeout: 5_000 }
    const sent = httpRequest(
      { ...options, headers: ['Host', `127.0.0.1:${port}`, 'Connection', 'close', ...headers] },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('error', reject)
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(text) })
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${path}`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
