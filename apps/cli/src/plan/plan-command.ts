import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { readDesired } from '../tenant/read-files.ts'
import { readTenant } from '../tenant/read-tenant.ts'
import { compare } from './compare.ts'
import { effectOf, namesOf } from './effect.ts'
import { newPlan, type PlanFile, takesAway, writePlan } from './plan-file.ts'
import { planMarkdown } from './show-markdown.ts'
import { planText } from './show-text.ts'
import { digestOf } from './steps.ts'

export const planCommand = defineCommand({
  name: 'plan',
  parameters: ['FILE'],
  summary: 'Show what files would change in a tenant, and who would gain and lose which permission',
  description: [
    'FILE is a YAML file or a folder of rolecall export or auth0-deploy-cli. A section that it does not have is left alone, and',
    'so is each member of an object that it does not name. The permissions of a role and the scope of a grant are replaced.',
    'The exit code is 0 when nothing would change, 2 when something would, and 3 when somebody would lose a permission, or the tokens of an API would be restricted.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    ...jsonOption,
    delete: { type: 'boolean', description: 'Delete objects that the sections of FILE do not have' },
    names: { type: 'boolean', description: 'Name who gains and loses something' },
    markdown: { type: 'boolean', description: 'Print Markdown for a pull request' },
    out: { type: 'string', value: 'PLAN', description: 'Write the plan into this file, for rolecall apply' },
  },
  examples: [
    'rolecall plan tenant.yaml',
    'rolecall plan tenant --delete --names',
    'rolecall plan tenant.yaml --markdown --out plan.json',
  ],
  async run(terminal, values, [file = '']) {
    if (values.json && values.markdown) throw new UsageError('Choose one of --json and --markdown.')
    const { desired, warnings } = await readDesired(terminal, resolve(terminal.folder, file))
    const management = await connect(terminal, values)
    const tenant = await readTenant(management)
    const { issuer, clientId: ownClientId } = management
    const compared = compare(tenant, desired, { issuer, ownClientId, deletes: values.delete ?? false })
    const { changes, rolecall } = { ...compared, rolecall: tenant.rolecall }
    const effect =
      rolecall && changes.length > 0 ? await effectOf(management, changes) : noEffect(rolecall !== undefined)
    const plan = newPlan({
      issuer,
      source: file,
      applies: rolecall ? 'once' : 'steps',
      version: rolecall?.version ?? digestOf(tenant),
      changes,
      effect,
      ...(values.names && effect && { names: await namesOf(management, changes, effect) }),
      differences: compared.differences,
      kept: compared.kept,
      warnings: [...new Set([...warnings, ...compared.warnings])],
      last_applied: rolecall?.last_applied ?? null,
      drift: rolecall?.drift ?? [],
    })
    if (values.out !== undefined) await writePlan(resolve(terminal.folder, values.out), plan)
    terminal.print(shown(plan, values))
    if (changes.length === 0) return exitCodes.done
    return takesAway(plan) ? exitCodes.losses : exitCodes.changes
  },
})

function noEffect(isKnown: boolean): PlanFile['effect'] {
  const none = { gaining: 0, losing: 0 }
  return isKnown ? { gained: [], lost: [], users: none, applications: none, settings: [], tokens: [] } : null
}

function shown(plan: PlanFile, { json, markdown }: { json?: true; markdown?: true }): string {
  if (json) return JSON.stringify(plan, null, 2)
  return markdown ? planMarkdown(plan) : planText(plan)
}
