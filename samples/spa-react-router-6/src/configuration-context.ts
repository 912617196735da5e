import { createContext, use } from 'react'
import type { Configuration } from './configuration.ts'

export const ConfigurationContext = createContext<Configuration | undefined>(undefined)

export function useConfiguration(): Configuration {
  const configuration = use(ConfigurationContext)
  if (configuration === undefined) throw new Error('useConfiguration needs a ConfigurationContext above it')
  return configuration
}
