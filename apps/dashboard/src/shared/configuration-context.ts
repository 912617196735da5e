import { createContext, use } from 'react'
import { type Configuration, tutorialAddresses } from './configuration.ts'

export const ConfigurationContext = createContext<Configuration | undefined>(undefined)

export function useConfiguration(): Configuration {
  const configuration = use(ConfigurationContext)
  if (!configuration) throw new Error('useConfiguration needs a log-in above it')
  return configuration
}

/** Addresses for examples: those of the sample client and API that run with this server. */
export function useSampleAddresses(): { clientUrl: string; apiUrl: string } {
  const { client_url, api_url } = useConfiguration().sample ?? tutorialAddresses
  return { clientUrl: client_url, apiUrl: api_url }
}
