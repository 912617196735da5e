import { createContext, use } from 'react'
import type { ManagementApi } from './management-api.ts'

export const ApiContext = createContext<ManagementApi | undefined>(undefined)

export function useApi(): ManagementApi {
  const api = use(ApiContext)
  if (!api) throw new Error('useApi needs a log-in above it')
  return api
}
