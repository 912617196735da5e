import { useMutation } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../../shared/api/api-context.ts'
import { type Claims, decodeToken } from '../../shared/auth/claims.ts'
import { tokenByLoggingIn } from '../../shared/auth/test-tokens.ts'
import { useConfiguration } from '../../shared/configuration-context.ts'
import type { ResourceServer } from '../../shared/management/apis.ts'

const answer = z.object({ status: z.number(), body: z.string() })

export interface CallResult {
  status: number
  body: string
  token: string
  payload: Claims
  email: string | undefined
}

/**
 * Calls the API with a token of the user who logs in for it. The server makes the call, because an API admits the
 * origin of its client alone, and this page may talk to its own server alone (CSP).
 */
export function useCall(target: ResourceServer) {
  const api = useApi()
  const configuration = useConfiguration()
  return useMutation({
    mutationFn: async ({ url, email }: { url: string; email: string }): Promise<CallResult> => {
      const login = await tokenByLoggingIn(configuration, target.identifier, email)
      const result = await api.change('rolecall/call', answer, {
        method: 'POST',
        body: { url, access_token: login.token },
      })
      return { ...result, token: login.token, payload: decodeToken(login.token).payload, email: login.email }
    },
  })
}
