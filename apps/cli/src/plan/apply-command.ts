import { resolve } from 'node:path'
import { changesAnswer } from '@rolecall/contract'
import { defineCommand } from '../command.ts'
import { CommandError, exitCodes, UsageError } from '../errors.ts'
import { type Management, ManagementError } from '../management/management.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { printResult, type Terminal } from '../terminal.ts'
import { countOf, type PlanFile, readPlan } from './plan-file.ts'
import { applySteps } from './steps.ts'

export const applyCommand = defineCommand({
  name: 'apply',
  parameters: ['PLAN'],
  summary: 'Apply a plan: exactly what was planned, or nothing',
  description: [
    'PLAN is the file of rolecall plan --out. It is applied in one transaction. When the tenant, or the effect on its users, is',
    'not what it was when the plan was made, nothing is changed and the exit code is 4. Applying a plan again changes nothing.',
    'A server without lists of changes, such as Auth0, gets one request after the other. A run that fails goes on where it',
    'ended when the command is run again.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    ...jsonOption,
    reference: {
      type: 'string',
      value: 'TEXT',
      description: 'What the log links the changes to: in GitHub Actions and GitLab the commit, unless given',
    },
  },
  examples: ['rolecall apply plan.json', "rolecall apply plan.json --reference 'commit 4f2c1e9'"],
  async run(terminal, values, [file = '']) {
    const path = resolve(terminal.folder, file)
    const plan = await readPlan(path)
    const management = await connect(terminal, values)
    if (management.issuer !== plan.issuer)
      throw new UsageError(`The plan is for ${plan.issuer}, and not for ${management.issuer}.`)
    if (plan.changes.length === 0) {
      printResult(terminal, values.json, { applied: 0 }, () => 'Nothing would change.')
      return
    }
    if (plan.applies === 'steps') await applySteps(terminal, management, plan, path)
    else
      await applyOnce(terminal, management, plan, {
        ...values,
        reference: values.reference ?? commitOf(terminal),
      })
  },
})

/** The commit that a pipeline runs for: GitHub Actions, GitLab. */
function commitOf({ env }: Terminal): string | undefined {
  const commit = env['GITHUB_SHA'] || env['CI_COMMIT_SHA']
  return commit === undefined ? undefined : `commit ${commit}`
}

async function applyOnce(
  terminal: Terminal,
  management: Management,
  plan: PlanFile,
  { json, reference }: { json?: true; reference: string | undefined },
): Promise<void> {
  const { id, version, changes, effect } = plan
  const body = {
    plan_id: id,
    version,
    changes,
    ...(effect && { effect: { gained: effect.gained, lost: effect.lost } }),
    ...(reference !== undefined && { reference }),
  }
  try {
    const answer = await management.post('/authorization/changes', changesAnswer, body)
    printResult(terminal, json, answer, () =>
      answer.repeated
        ? `The plan was applied at ${answer.applied_at}. Nothing was changed now.`
        : `Applied ${countOf(changes)}.${secretsText(plan)}`,
    )
  } catch (error) {
    if (!(error instanceof ManagementError) || !movedOn.has(error.code ?? '')) throw error
    throw new CommandError(`${error.reason}: rolecall plan.`, exitCodes.movedOn)
  }
}

const movedOn = new Set(['tenant_moved_on', 'effect_changed', 'plan_id_used'])

function secretsText({ changes }: PlanFile): string {
  const isNew = changes.some(({ method, path }) => method === 'POST' && path === '/clients')
  return isNew
    ? ' Secrets of new applications are not shown: rotate them in the dashboard, or with rolecall api POST /clients/ID/rotate-secret.'
    : ''
}
