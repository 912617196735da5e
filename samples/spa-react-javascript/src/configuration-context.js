import { createContext, use } from 'react'

export const ConfigurationContext = createContext(undefined)

export function useConfiguration() {
  const configuration = use(ConfigurationContext)
  if (configuration === undefined) throw new Error('useConfiguration needs a ConfigurationContext above it')
  return configuration
}
