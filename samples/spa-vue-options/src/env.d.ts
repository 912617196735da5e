/// <reference types="vite/client" />
import type { Configuration } from './configuration.ts'
import type { Session } from './session.ts'

declare module 'vue' {
  interface ComponentCustomProperties {
    $configuration: Configuration
    $session: Session
  }
}
