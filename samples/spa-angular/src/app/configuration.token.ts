import { InjectionToken } from '@angular/core'
import type { Configuration } from './configuration'

export const CONFIGURATION = new InjectionToken<Configuration>('configuration')
