import { safe } from '../terminal.ts'
import type { PlanFile } from './plan-file.ts'
import { peopleText, settingTexts, signs, summaryText, tokenTexts, typeNames, valueText } from './texts.ts'

/** A longer comment is refused by the services that show pull requests. */
const maxLength = 60_000

/** A plan as a comment of a pull request. */
export function planMarkdown(plan: PlanFile): string {
  const text = [
    `### Plan for ${code(plan.issuer)}`,
    summaryText(plan),
    effectTable(plan),
    section('Deleted', plan.differences.filter(({ change }) => change === 'delete').map(nameOf)),
    section('Not in the files, and kept', plan.kept.map(nameOf)),
    section(
      'Changed in another way since the last plan',
      plan.drift.map((one) => `${nameOf(one)} (${one.change})`),
    ),
    section('Notes', plan.warnings.map(code)),
    plan.differences.length === 0 ? '' : details(plan),
  ]
    .filter((block) => block !== '')
    .join('\n\n')
  return text.length > maxLength ? `${text.slice(0, maxLength)}\n\n… The rest is in the plan.` : text
}

function effectTable(plan: PlanFile): string {
  const { effect } = plan
  if (!effect) return ''
  const rows = (['lost', 'gained'] as const).flatMap((kind) =>
    effect[kind].map(
      (row) => `| ${kind} | ${code(row.permission)} | ${code(row.api)} | ${peopleText(row)} |`,
    ),
  )
  const shown = rows.length === 0 ? [] : ['| | permission | API | who |', '|---|---|---|---|', ...rows]
  return [shown.join('\n'), ...settingTexts(plan), ...tokenTexts(plan)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function details({ differences }: PlanFile): string {
  const lines = differences.flatMap(({ type, name, change, members, added, removed }) => [
    `${signs[change]} ${typeNames[type]} ${safe(name)}`,
    ...members.map(
      ({ member, before, after }) => `    ${safe(member)}: ${valueText(before)} → ${valueText(after)}`,
    ),
    ...added.map((text) => `+   ${safe(text)}`),
    ...removed.map((text) => `-   ${safe(text)}`),
  ])
  // A fence that is longer than any in a name cannot be closed by one.
  return [
    '<details><summary>All changes</summary>',
    '',
    '``````````diff',
    ...lines,
    '``````````',
    '',
    '</details>',
  ].join('\n')
}

const section = (title: string, items: readonly string[]) =>
  items.length === 0 ? '' : `**${title}**\n\n${items.map((item) => `- ${item}`).join('\n')}`

const nameOf = ({ type, name }: Pick<PlanFile['differences'][number], 'type' | 'name'>) =>
  `${typeNames[type]} ${code(name)}`

/** As code, nothing in a name is markup: no link, no image and no mention. A pipe would end the cell of a table. */
function code(text: string): string {
  const shown = safe(text).replaceAll('`', 'ˋ').replaceAll('|', '\\|')
  return `\`${shown}\``
}
