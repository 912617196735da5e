import assert from 'node:assert/strict'
import type { Page } from '@playwright/test'

/** Calls the Management API with the token of the page. */
export interface Calls {
  call: (method: string, path: string, body?: unknown) => Promise<Answer>
}

export interface Answer {
  status: number
  headers: Headers
  body: Body
}

type Body = { [name: string]: Body } & Body[] & string

/** Call it before the page is opened, so that it sees the token in the first request. */
export function withTokenOf(page: Page, issuer: string): Calls {
  let authorization: string | undefined
  page.on('request', (request) => {
    if (request.url().startsWith(`${issuer}api/v2/`))
      authorization = request.headers()['authorization'] ?? authorization
  })
  return {
    async call(method, path, body) {
      assert.ok(authorization, 'the page has called the Management API')
      const response = await fetch(`${issuer}api/v2/${path}`, {
        method,
        headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? text : JSON.parse(text),
      }
    },
  }
}
