import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Browser } from '@playwright/test'
import { journeys } from '../clients/journey.ts'
import { type Stand, startStand } from '../clients/stand.ts'
import { createApplication } from '../journeys/management.ts'
import { launchBrowser, openVisitor, type Visitor } from '../journeys/visitor.ts'
import { freePorts } from '../start/launcher.ts'
import './local-host.ts'
import { answering, localHost, startProgram, stopProgram } from './programs.ts'
import type { Subject } from './subjects.ts'
import { oneLine, type Row } from './table.ts'
import { installedSdk, pinnedVersion } from './versions.ts'
import { steps } from './web-journey.ts'

type Scheme = 'http' | 'https'

interface System extends Stand {
  browser: Browser
}

/** What passed, and what did not with its reason. */
export interface Outcome {
  passed: string[]
  problems: string[]
}

/** The name under which the system is served over https, as `--host rolecall.test` does. */
const host = 'rolecall.test'

/** One run of the command: its systems, started when they are needed, and its rows. */
export class Run {
  readonly rows: Row[] = []
  readonly #notInstalled: string | undefined
  readonly #cleanups: (() => Promise<unknown>)[] = []
  #browser: Browser | undefined

  constructor(notInstalled: string | undefined) {
    this.#notInstalled = notInstalled
    process.env['ROLECALL_LOCAL_HOST'] = host
  }

  async clients(names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    const outcomes = new Map<string, Partial<Record<Scheme, Outcome>>>(names.map((name) => [name, {}]))
    for (const scheme of ['http', 'https'] as const) {
      const stand = await this.#start(scheme, [...names])
      for (const name of names) {
        const outcome = await tryClient(stand, name, scheme)
        Object.assign(outcomes.get(name) ?? {}, { [scheme]: outcome })
      }
      await stand.close()
    }
    const all = (outcome: Outcome | undefined) =>
      outcome?.problems.length === 0 ? 'all' : (outcome?.problems.join('; ') ?? '')
    for (const [name, { http, https }] of outcomes)
      this.rows.push({ section: 'clients', name, cells: [installedSdk(name), all(http), all(https)] })
  }

  async sdks(subjects: Subject[]): Promise<void> {
    for (const scheme of ['http', 'https'] as const) {
      const wanted = subjects.filter(({ over }) => over === scheme)
      if (wanted.length === 0) continue
      if (this.#notInstalled !== undefined) {
        for (const subject of wanted)
          this.#addSdk(subject, { passed: [], problems: [`could not be installed: ${this.#notInstalled}`] })
        continue
      }
      const stand = await this.#start(scheme, [])
      for (const subject of wanted) {
        if (subject.needsPort443 && new URL(stand.lab.issuer).port !== '') {
          console.log(
            `… ${subject.name} needs port 443, where this user may not listen: its row stays as it is.`,
          )
          continue
        }
        console.log(`${subject.name}, over ${scheme}`)
        this.#addSdk(subject, await trySubject(stand, subject))
      }
      await stand.close()
    }
  }

  /** @param name says what it is */
  addIssuer(name: string, { passed, problems }: Outcome): void {
    this.rows.push({
      section: 'issuers',
      name,
      cells: [passed.join(', '), oneLine(problems.join('; ')) || '–'],
    })
  }

  async close(): Promise<void> {
    for (const clean of this.#cleanups.toReversed()) await clean()
    await this.#browser?.close()
  }

  #addSdk({ name, package: packageName, over, note }: Subject, { passed, problems }: Outcome): void {
    const cells = [
      pinnedVersion(packageName),
      over,
      passed.join(', ') || '–',
      oneLine(problems.join('; ')) || '–',
      note ?? '–',
    ]
    this.rows.push({ section: 'sdks', name, cells })
  }

  /** One for all. */
  async browser(): Promise<Browser> {
    this.#browser ??= await launchBrowser([`host-resolver-rules=MAP ${host} 127.0.0.1`])
    return this.#browser
  }

  async #start(scheme: Scheme, names: string[]): Promise<System> {
    console.log(`Starting a system over ${scheme}.`)
    const named = ['--host', host, '--server-port', '443']
    const options = scheme === 'http' ? [] : (await mayListen(443)) ? named : ['--https']
    const stand = await startStand(names, options, { NODE_OPTIONS: `--import=${localHost}` })
    this.#cleanups.push(() => stand.close())
    return { ...stand, browser: await this.browser() }
  }
}

async function tryClient(stand: System, name: string, scheme: Scheme): Promise<Outcome> {
  console.log(`${name}, over ${scheme}`)
  const outcome: Outcome = { passed: [], problems: [] }
  const client = await stand.client(name).catch((error: unknown) => error)
  if (client instanceof Error || typeof client !== 'object' || client === null || !('url' in client)) {
    outcome.problems.push(oneLine(`could not be started: ${String(client)}`))
    return outcome
  }
  for (const journey of journeys)
    await withVisitor(stand, (visitor) =>
      attempt(outcome, journey.name, async () => journey.take(visitor, await stand.client(name), stand)),
    )
  return outcome
}

async function trySubject(stand: System, subject: Subject): Promise<Outcome> {
  return subject.kind === 'program' ? tryProgram(stand, subject) : tryInBrowser(stand, subject)
}

/** The program prints a line for each check. */
async function tryProgram({ lab, caFile }: Stand, subject: Subject): Promise<Outcome> {
  const { client_id, client_secret = '' } = lab.applications[subject.as ?? 'm2m']
  const program = startProgram(subject.run, {
    ...environment(lab, caFile),
    CLIENT_ID: client_id,
    CLIENT_SECRET: client_secret,
  })
  const code = await program.ended
  const lines = program.output().trim().split('\n')
  const beginning = (mark: string) =>
    lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(2))
  const outcome = { passed: beginning('✓ '), problems: beginning('✗ ') }
  for (const line of lines) if (/^[✓✗]/.test(line)) console.log(`  ${line}`)
  if (code !== 0 && outcome.problems.length === 0)
    outcome.problems.push(`ended with ${code}: ${lines.at(-1)}`)
  return outcome
}

/** A person visits the application, or the page, step by step; a step that fails ends the visit. */
async function tryInBrowser(stand: System, { name, run, kind, env, offers = [] }: Subject): Promise<Outcome> {
  const { lab, caFile } = stand
  const outcome: Outcome = { passed: [], problems: [] }
  const [port = 0] = await freePorts(1)
  const url = `http://localhost:${port}`
  const application = await createApplication(lab, {
    name,
    app_type: kind === 'page' ? 'spa' : 'regular_web',
    callbacks: [`${url}/callback`, `${url}/auth/callback`],
    allowed_logout_urls: [url, `${url}/`],
    web_origins: [url],
    grant_types: ['authorization_code', 'refresh_token', 'implicit'],
  })
  const program = startProgram(run, {
    ...environment(lab, caFile),
    API_URL: kind === 'page' ? await stand.api(url) : lab.api_url,
    PORT: String(port),
    CLIENT_ID: application.client_id,
    CLIENT_SECRET: application.client_secret ?? '',
    ...env,
  })
  try {
    await answering(program, url)
    await withVisitor(stand, async ({ page }) => {
      for (const step of steps) {
        if (step.needs && !offers.includes(step.needs)) continue
        if (!(await attempt(outcome, step.name, () => step.take(page, url, lab.users.admin)))) {
          const said = program.output().trim()
          if (said) console.log(said.slice(-2_000))
          break
        }
      }
    })
  } catch (error) {
    outcome.problems.push(String(error))
  } finally {
    await stopProgram(program)
  }
  return outcome
}

function environment(lab: Stand['lab'], caFile: string | undefined): Record<string, string> {
  return {
    ISSUER: lab.issuer,
    AUDIENCE: lab.audience,
    API_URL: lab.api_url,
    ROLECALL_LOCAL_HOST: host,
    ...(caFile && { NODE_EXTRA_CA_CERTS: caFile }),
  }
}

/** @returns whether it passed */
export async function attempt(outcome: Outcome, name: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    outcome.passed.push(name)
    console.log(`  ✓ ${name}`)
    return true
  } catch (error) {
    const reason = oneLine(error instanceof Error ? error.message : String(error))
    outcome.problems.push(`${name}: ${reason}`)
    console.log(`  ✗ ${name}: ${reason}`)
    return false
  }
}

export async function withVisitor(
  { browser }: { browser: Browser },
  visit: (visitor: Visitor) => Promise<unknown>,
): Promise<void> {
  const visitor = await openVisitor(browser, { ignoreHTTPSErrors: true })
  try {
    await visit(visitor)
  } finally {
    await visitor.context.close()
  }
}

async function mayListen(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening')
    probe.close()
    return true
  } catch {
    return false
  }
}
