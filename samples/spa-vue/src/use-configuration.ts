import { type InjectionKey, inject } from 'vue'
import type { Configuration } from './configuration.ts'

export const configurationKey: InjectionKey<Configuration> = Symbol('configuration')

export function useConfiguration(): Configuration {
  const configuration = inject(configurationKey)
  if (configuration === undefined) throw new Error('The configuration is not provided')
  return configuration
}
