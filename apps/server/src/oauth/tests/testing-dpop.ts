import { createTestProofKey, type ProofOptions, type TestProofKey } from '@rolecall/guard/testing'
import { callback, logIn, requestToken, type TokenAnswer } from '../../testing/tutorial.ts'

/** The key of a client, and another one. */
export const key = await createTestProofKey()
export const other = await createTestProofKey()

/** What a key and a server make of the requests of these tests. */
export function dpopClient(server: { issuer: string; clientId: string }) {
  const tokenUrl = () => `${server.issuer}oauth/token`
  const proof = (options: Partial<ProofOptions> = {}, by: TestProofKey = key) =>
    by.proof({ method: 'POST', url: tokenUrl(), ...options })
  return {
    proof,
    codeGrant: async (
      headers: Record<string, string>,
      params: Record<string, string | undefined> = {},
      clientId = server.clientId,
    ): Promise<TokenAnswer> => {
      const { code, request } = await logIn(server, clientId, 'admin@example.com', params)
      return requestToken(
        server,
        {
          grant_type: 'authorization_code',
          client_id: clientId,
          code,
          redirect_uri: callback,
          code_verifier: request.verifier,
        },
        headers,
      )
    },
    refresh: (refreshToken: string, headers: Record<string, string>) =>
      requestToken(
        server,
        { grant_type: 'refresh_token', client_id: server.clientId, refresh_token: refreshToken },
        headers,
      ),
  }
}

export const errorOf = ({ status, body }: TokenAnswer) => [status, body.error]
