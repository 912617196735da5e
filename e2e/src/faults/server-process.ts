import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  createApplication,
  createClientGrant,
  ensureSystemObjects,
  makeTutorial,
  openContext,
  readConfig,
  type Tutorial,
  transaction,
} from '@rolecall/server/test-kit'
import { root, type Site } from '../start/launcher.ts'

/** `apps/server/src/main.ts` in a child process. */
export interface ServerProcess {
  process: ChildProcess
  /** Every line it has printed so far. */
  lines: string[]
  /** Sends the signal and waits until the process is gone and all its lines are read. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Resolves when the server answers. Rejects with its output if it exits before that. */
export async function startServerProcess(env: Record<string, string>): Promise<ServerProcess> {
  const endWithParent = import.meta.resolve('../../../scripts/end-with-parent.js')
  const flags = ['--disable-warning=ExperimentalWarning', `--import=${endWithParent}`]
  const child = spawn(process.execPath, [...flags, join(root, 'apps/server/src/main.ts')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const lines: string[] = []
  for (const input of [child.stdout, child.stderr])
    if (input) createInterface({ input }).on('line', (line) => lines.push(line))
  const closed = once(child, 'close')
  const early = closed.then(() => {
    throw new Error(`the server ended instead of answering:\n${lines.join('\n')}`)
  })
  await Promise.race([once(child, 'message'), early])
  early.catch(() => {})
  return {
    process: child,
    lines,
    async end(signal) {
      child.kill(signal)
      await closed
    },
  }
}

/** A server's environment, and a store that holds the tutorial's objects. */
export interface Home extends Tutorial {
  issuer: string
  env: Record<string, string>
  /** A machine-to-machine application. */
  service: { clientId: string; clientSecret: string }
}

/** The server trusts X-Forwarded-For, so that tests can send requests from many addresses. */
export async function makeHome({ dir, ports }: Site, env: Record<string, string> = {}): Promise<Home> {
  const whole = {
    ISSUER: `http://127.0.0.1:${ports.server}/`,
    HOST: '127.0.0.1',
    PORT: String(ports.server),
    DATA_DIR: dir,
    TRUST_PROXY: '127.0.0.1',
    ...env,
  }
  const ctx = await openContext(readConfig(whole))
  await ensureSystemObjects(ctx)
  const tutorial = await makeTutorial(ctx)
  const { application, clientSecret = '' } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Hello World Service',
      app_type: 'non_interactive',
    }),
  )
  await transaction(ctx, (tx) =>
    createClientGrant(tx, { clientId: application.clientId, apiId: tutorial.api.id }),
  )
  await ctx.mailer.close()
  await ctx.store.close()
  const service = { clientId: application.clientId, clientSecret }
  return { ...tutorial, service, issuer: whole.ISSUER, env: whole }
}
