import type { ManagementServer } from '../management/testing.ts'

export interface ImportForm {
  users: string | Buffer | object
  fields?: Record<string, string>
  token?: string
}

/** Posts a file of users, as a browser or curl would. */
export async function postImport(server: ManagementServer, { users, fields = {}, token }: ImportForm) {
  const form = new FormData()
  const content = typeof users === 'string' || Buffer.isBuffer(users) ? users : JSON.stringify(users)
  // The file comes first: a client may send the fields in any order.
  form.set('users', new Blob([new Uint8Array(Buffer.from(content))]), 'users.json')
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return postForm(server, form, token)
}

export async function postForm(server: ManagementServer, form: FormData | string, token?: string) {
  const request = new Request('http://localhost/', { method: 'POST', body: form })
  const scopes = ['create:users', 'read:users']
  const answer = await server.app.inject({
    method: 'POST',
    url: '/api/v2/jobs/users-imports',
    headers: {
      authorization: `Bearer ${token ?? (await server.token(`${server.clientId}@clients`, scopes))}`,
      'content-type': request.headers.get('content-type') ?? '',
    },
    payload: Buffer.from(await request.arrayBuffer()),
  })
  return {
    status: answer.statusCode,
    body: answer.json<{ id: string; status: string; message: string; external_id?: string }>(),
  }
}

/** Follows a job to its end. */
export async function finishedJob({ call }: ManagementServer, id: string) {
  for (let asked = 0; asked < 5_000; asked++) {
    const { body } = await call('GET', `/jobs/${id}`)
    if (!['pending', 'processing'].includes(String(body['status']))) return body
    await new Promise((resolve) => void setTimeout(resolve, 2))
  }
  throw new Error('the job never ended')
}
