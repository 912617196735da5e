import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import {
  configuration,
  configurationTypes,
  type PlannedChange,
  plannedChanges,
  previewAnswer,
  takesFromTokens,
} from '@rolecall/contract'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { reasonOf } from '../files.ts'

const member = z.object({ member: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })
const type = z.enum(configurationTypes)

/** What `rolecall plan --out` writes and `rolecall apply` reads. */
const planFile = z.object({
  format: z.literal('rolecall plan 1'),
  id: z.string(),
  issuer: z.string(),
  created_at: z.string(),
  /** The file or folder that it was made of. */
  source: z.string(),
  /** `once`: in one transaction, or not at all. `steps`: one request after the other, for Auth0. */
  applies: z.enum(['once', 'steps']),
  /** Of the tenant that it was made for. */
  version: z.string(),
  changes: z.union([z.array(z.never()).length(0), plannedChanges]),
  effect: previewAnswer
    .pick({ gained: true, lost: true, users: true, applications: true, settings: true, tokens: true })
    .nullable()
    .describe('Null: the server cannot tell'),
  names: z
    .array(
      z.object({
        effect: z.enum(['gained', 'lost']),
        api: z.string(),
        permission: z.string(),
        names: z.array(z.string()),
        total: z.number(),
      }),
    )
    .optional(),
  differences: z.array(
    z.object({
      type,
      name: z.string(),
      change: z.enum(['create', 'update', 'delete']),
      members: z.array(member),
      added: z.array(z.string()),
      removed: z.array(z.string()),
    }),
  ),
  kept: z.array(z.object({ type, name: z.string() })),
  warnings: z.array(z.string()),
  last_applied: configuration.shape.last_applied,
  drift: configuration.shape.drift,
})
export type PlanFile = z.output<typeof planFile>

export function newPlan(content: Omit<PlanFile, 'format' | 'id' | 'created_at'>): PlanFile {
  return { format: 'rolecall plan 1', id: randomUUID(), created_at: new Date().toISOString(), ...content }
}

/** Replaces the file as a whole. */
export async function writePlan(file: string, plan: PlanFile): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(plan, null, 2)}\n`)
  await rename(`${file}.new`, file)
}

/** @throws UsageError for a file that is no plan */
export async function readPlan(file: string): Promise<PlanFile> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`${file} cannot be read as a plan: ${reasonOf(error)}`)
  }
  const { data, error } = planFile.safeParse(content)
  if (data) return data
  const [issue] = error.issues
  throw new UsageError(
    `${file} is no plan of this version of rolecall (${issue?.path.join('.')}: ${issue?.message}). Make it with rolecall plan --out.`,
  )
}

/** Whether the plan takes something away, as far as its requests say. */
export function takesAway(plan: Pick<PlanFile, 'effect' | 'differences'>): boolean {
  if (plan.effect) return plan.effect.lost.length > 0 || plan.effect.settings.some(takesFromTokens)
  return plan.differences.some(({ change, removed }) => change === 'delete' || removed.length > 0)
}

/** The requests, for a person who reads the plan: `3 requests`. */
export const countOf = (changes: readonly PlannedChange[]) =>
  changes.length === 1 ? '1 request' : `${changes.length} requests`
