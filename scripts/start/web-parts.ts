import { join } from 'node:path'
import { root } from '../install.js'
import type { WebPart } from './build.ts'

export const dashboardPart: WebPart = {
  name: 'dashboard',
  source: join(root, 'apps/dashboard'),
  shared: [join(root, 'packages/contract/src')],
  output: join(root, 'apps/dashboard/dist'),
  env: {},
}

/** The React client as one system needs it: its addresses are baked in, so the build lies with that system's data. */
export function clientPart(dir: string, variables: Record<string, string>): WebPart {
  return {
    name: 'client',
    source: join(root, 'samples/spa-react'),
    output: join(dir, 'web', 'spa-react'),
    env: variables,
  }
}
