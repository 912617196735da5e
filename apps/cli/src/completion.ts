import { type Command, defineCommand } from './command.ts'
import { UsageError } from './errors.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** `rolecall completion`: a script that completes commands, options and their choices. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: 'completion',
    parameters: ['SHELL'],
    summary: 'Print the completion script of bash, zsh or fish',
    options: {},
    examples: [
      'source <(rolecall completion bash)',
      'rolecall completion zsh > "${fpath[1]}/_rolecall"',
      'rolecall completion fish > ~/.config/fish/completions/rolecall.fish',
    ],
    async run(terminal, _values, [shell = '']) {
      const found = shells.find((name) => name === shell)
      if (!found)
        throw new UsageError(`There is a completion for ${shells.join(', ')}, and not for ${shell}.`)
      terminal.print(scripts[found](commands()))
    },
  })
}

const scripts: Record<(typeof shells)[number], (commands: readonly Command[]) => string> = {
  bash: (commands) =>
    [
      '# Completion of rolecall for bash.',
      '_rolecall() {',
      '  local words="${COMP_WORDS[*]:1:COMP_CWORD-1}" current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
      '  COMPREPLY=()',
      ...bashBody(commands),
      '}',
      'complete -o default -F _rolecall rolecall',
    ].join('\n'),
  zsh: (commands) =>
    [
      '#compdef rolecall',
      '# The completion for bash, by way of bashcompinit.',
      'autoload -U +X bashcompinit && bashcompinit',
      scripts.bash(commands),
    ].join('\n'),
  fish: (commands) => ['# Completion of rolecall for fish.', ...commands.flatMap(fishLines)].join('\n'),
}

function bashBody(commands: readonly Command[]): string[] {
  const lines = ['  case "$words" in']
  for (const command of commands.toSorted((one, other) => other.name.length - one.name.length)) {
    lines.push(`    "${command.name}"*)`)
    const withChoices = Object.entries(command.options).filter(([, { choices }]) => choices)
    if (withChoices.length > 0) {
      lines.push('      case "$previous" in')
      for (const [name, { choices = [] }] of withChoices)
        lines.push(
          `        --${name}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$current")); return ;;`,
        )
      lines.push('      esac')
    }
    const options = [...Object.keys(command.options), 'help'].map((name) => `--${name}`)
    lines.push(
      `      [[ "$current" == -* ]] && COMPREPLY=($(compgen -W "${options.join(' ')}" -- "$current")) ;;`,
    )
  }
  const groups = Map.groupBy(commands, ({ name }) => name.split(' ').slice(0, -1).join(' '))
  for (const [group, members] of groups) {
    const words = members.map(({ name }) => name.split(' ').at(-1)).join(' ')
    lines.push(
      `    "${group}") COMPREPLY=($(compgen -W "${words}${group === '' ? firstWords(groups) : ''}" -- "$current")) ;;`,
    )
  }
  return [...lines, '  esac']
}

const firstWords = (groups: Map<string, unknown>) =>
  [...groups.keys()]
    .filter((name) => name !== '')
    .map((name) => ` ${name}`)
    .join('')

function fishLines({ name, summary, options }: Command): string[] {
  const words = name.split(' ')
  const last = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const condition = before.length === 0 ? '__fish_use_subcommand' : before.map(seen).join('; and ')
  const selected = words.map(seen).join('; and ')
  return [
    `complete -c rolecall -n '${condition}' -a ${last} -d ${quoted(summary)}`,
    ...before.map((word) => `complete -c rolecall -n __fish_use_subcommand -a ${word}`),
    ...Object.entries(options).map(([option, { type, description, choices }]) =>
      [
        `complete -c rolecall -n '${selected}' -l ${option} -d ${quoted(description)}`,
        ...(type === 'string' ? ['-r'] : []),
        ...(choices ? [`-a '${choices.join(' ')}'`] : []),
      ].join(' '),
    ),
  ]
}

const seen = (word: string) => `__fish_seen_subcommand_from ${word}`

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
