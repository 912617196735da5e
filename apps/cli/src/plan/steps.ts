import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { PlannedChange } from '@rolecall/contract'
import { z } from 'zod'
import { CommandError, exitCodes } from '../errors.ts'
import { type Management, ManagementError } from '../management/management.ts'
import { readTenant, type Tenant } from '../tenant/read-tenant.ts'
import { safe, type Terminal } from '../terminal.ts'
import { countOf, type PlanFile } from './plan-file.ts'

/** The progress of a plan that is applied step by step, in a file next to it. */
const progressFile = z.object({
  plan_id: z.string(),
  done: z.number(),
  /** The ids of new objects, by what stands for them in the plan. */
  ids: z.record(z.string(), z.string()),
})
type Progress = z.output<typeof progressFile>

/** Of the configuration as a whole, for servers that have no version of it. */
export function digestOf(tenant: Tenant): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(tenant)))
    .digest('base64url')
}

const volatile = new Set(['rolecall', 'updated_at', 'client_secret', 'signing_keys'])

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !volatile.has(name))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}

/**
 * Sends one request after the other. After each the progress is written, so that a run that was interrupted goes on where
 * it ended. The tenant is compared with the plan before the first step only.
 * @throws CommandError when the tenant is not as it was, or a step fails
 */
export async function applySteps(
  terminal: Terminal,
  management: Management,
  plan: PlanFile,
  planPath: string,
): Promise<void> {
  const path = `${planPath}.progress`
  const earlier = await readProgress(path, plan.id)
  const progress = earlier ?? { plan_id: plan.id, done: 0, ids: {} }
  if (!earlier && digestOf(await readTenant(management)) !== plan.version)
    throw new CommandError(
      'The tenant was changed since the plan was made: nothing was applied. Make a new plan: rolecall plan.',
      exitCodes.movedOn,
    )
  const { changes } = plan
  if (earlier) terminal.note(`Going on after step ${progress.done} of ${changes.length}.`)
  // The file is there before the first request, so that a later run knows that this one has begun.
  await writeProgress(path, progress)
  for (const [index, change] of changes.entries()) {
    if (index < progress.done) continue
    terminal.note(`${index + 1}/${changes.length} ${change.method} ${safe(change.path)}`)
    try {
      const id = await send(management, change, progress.ids)
      if (change.as !== undefined && id !== undefined) progress.ids[change.as] = id
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      throw new CommandError(
        `${error.message}\nStep ${index + 1} of ${changes.length} failed. Run the command again to go on with it, or make a new plan.`,
      )
    }
    progress.done = index + 1
    await writeProgress(path, progress)
  }
  terminal.print(`Applied ${countOf(changes)}.`)
}

const answer = z.looseObject({ id: z.string().optional(), client_id: z.string().optional() })

/** @returns the id of a new object */
async function send(
  management: Management,
  { method, path, body }: PlannedChange,
  ids: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const isCreation = method === 'POST' && !path.slice(1).includes('/')
  const resolvedPath = path.replaceAll(/new:[\w.-]+/g, (name) => encodeURIComponent(ids[name] ?? name))
  const resolvedBody = resolve(body, ids)
  // An earlier run may have created it and not noted its id.
  const known = isCreation ? await findExisting(management, path, resolvedBody) : undefined
  if (known !== undefined) return known
  try {
    const created = answer.safeParse(await management.send(method, resolvedPath, { body: resolvedBody })).data
    return path === '/clients' ? created?.client_id : created?.id
  } catch (error) {
    // A deletion that an earlier run made.
    if (method === 'DELETE' && error instanceof ManagementError && error.status === 404) return undefined
    throw error
  }
}

function resolve(value: unknown, ids: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return value.startsWith('new:') ? (ids[value] ?? value) : value
  if (Array.isArray(value)) return value.map((item) => resolve(item, ids))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member, ids)]))
}

/** What identifies the objects of a list. */
const keys: Record<string, { list: string; id: string; key: readonly string[] }> = {
  '/roles': { list: 'roles', id: 'id', key: ['name'] },
  '/resource-servers': { list: 'resource_servers', id: 'id', key: ['identifier'] },
  '/clients': { list: 'clients', id: 'client_id', key: ['name'] },
  '/client-grants': { list: 'client_grants', id: 'id', key: ['client_id', 'audience', 'subject_type'] },
  '/connections': { list: 'connections', id: 'id', key: ['name'] },
}

const defaults: Record<string, string> = { subject_type: 'client' }

async function findExisting(
  management: Management,
  path: string,
  body: unknown,
): Promise<string | undefined> {
  const wanted = keys[path]
  if (!wanted) return undefined
  const keyOf = (object: unknown) =>
    JSON.stringify(wanted.key.map((name) => readText(object, name) ?? defaults[name]))
  const items = await management.list(path, wanted.list, z.looseObject({}))
  const found = items.find((item) => keyOf(item) === keyOf(body))
  return readText(found, wanted.id)
}

function readText(object: unknown, name: string): string | undefined {
  const value: unknown = typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined
  return typeof value === 'string' ? value : undefined
}

async function readProgress(path: string, planId: string): Promise<Progress | undefined> {
  try {
    const progress = progressFile.parse(JSON.parse(await readFile(path, 'utf8')))
    return progress.plan_id === planId ? progress : undefined
  } catch {
    // There is none, or it was written in part: each step notices what was made before.
    await rm(path, { force: true })
    return undefined
  }
}

async function writeProgress(path: string, progress: Progress): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(progress)}\n`)
  await rename(`${path}.new`, path)
}
