import { safe, table } from '../terminal.ts'
import type { PlanFile } from './plan-file.ts'
import { peopleText, settingTexts, signs, summaryText, tokenTexts, typeNames, valueText } from './texts.ts'

/** A plan for a person at a terminal. */
export function planText(plan: PlanFile): string {
  const blocks = [
    `Plan for ${plan.issuer} from ${safe(plan.source)}`,
    plan.differences.map(differenceText).join('\n'),
    effectText(plan),
    ...listText('Deleted', deleted(plan)),
    ...listText('Not in the files, and kept (--delete deletes it)', plan.kept.map(nameOf)),
    ...driftText(plan),
    ...listText('Note', plan.warnings.map(safe)),
    summaryText(plan),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function differenceText({
  type,
  name,
  change,
  members,
  added,
  removed,
}: PlanFile['differences'][number]): string {
  const lines = [
    ...members.map(
      ({ member, before, after }) => `${safe(member)}: ${valueText(before)} → ${valueText(after)}`,
    ),
    ...added.map((text) => `+ ${safe(text)}`),
    ...removed.map((text) => `- ${safe(text)}`),
  ]
  return [`${signs[change]} ${typeNames[type]} ${safe(name)}`, ...lines.map((line) => `    ${line}`)].join(
    '\n',
  )
}

function effectText(plan: PlanFile): string {
  const { effect, names = [] } = plan
  if (!effect) return ''
  const rows = (['lost', 'gained'] as const).flatMap((kind) =>
    effect[kind].map((row) => {
      const named = names.find(
        (one) => one.effect === kind && one.api === row.api && one.permission === row.permission,
      )
      return [
        kind,
        `${safe(row.permission)} of ${safe(row.api)}`,
        peopleText(row),
        named ? namesText(named) : '',
      ]
    }),
  )
  const lines = [...(rows.length > 0 ? [table(rows)] : []), ...settingTexts(plan), ...tokenTexts(plan)]
  return lines.length === 0 ? '' : `Effect\n${lines.join('\n').replaceAll(/^/gm, '  ')}`
}

function namesText({ names, total }: { names: string[]; total: number }): string {
  const more = total - names.length
  return names.map(safe).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

const deleted = ({ differences }: PlanFile) =>
  differences.filter(({ change }) => change === 'delete').map(nameOf)

const nameOf = ({ type, name }: Pick<PlanFile['differences'][number], 'type' | 'name'>) =>
  `${typeNames[type]} ${safe(name)}`

function driftText({ drift, last_applied: last }: PlanFile): string[] {
  if (!last) return []
  const since = `${last.at}${last.reference === undefined ? '' : `, ${safe(last.reference)}`}`
  return listText(
    `Changed in another way since the last plan (${since})`,
    drift.map((one) => `${nameOf(one)} (${one.change})`),
  )
}

function listText(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${title}\n${items.map((item) => `  ${item}`).join('\n')}`]
}
