import { keyAlgs, type TokenSignature } from '@rolecall/contract'
import { useQuery } from '@tanstack/react-query'
import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { useConfiguration } from '../../shared/configuration-context.ts'

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

interface ServerKeys {
  keys: JSONWebKeySet
  /** How much the server's clock is ahead of the browser's, in milliseconds. */
  clockAhead: number
}

/** The published keys of the server, and its clock as its answer tells it. */
export function useServerKeys() {
  const { issuer } = useConfiguration()
  return useQuery({
    queryKey: ['server-keys'],
    queryFn: async (): Promise<ServerKeys> => {
      const response = await fetch(`${issuer}.well-known/jwks.json`, { cache: 'no-store' })
      if (!response.ok) throw new Error(`The server answered ${response.status} for its keys.`)
      const keys = keySet.parse(await response.json())
      const date = Date.parse(response.headers.get('date') ?? '')
      return { keys, clockAhead: Number.isNaN(date) ? 0 : date + halfSecond - Date.now() }
    },
    staleTime: 0,
  })
}

/** The header has whole seconds. */
const halfSecond = 500

/** Verifies a token in the browser. The secret of an API (HS256) is not published: the server verifies such a token. */
export async function verifySignature(token: string, keys: JSONWebKeySet): Promise<TokenSignature> {
  try {
    await compactVerify(token, createLocalJWKSet(keys), { algorithms: [...keyAlgs] })
    return 'valid'
  } catch (error) {
    return error instanceof errors.JWKSNoMatchingKey ? 'unknown_key' : 'invalid'
  }
}
