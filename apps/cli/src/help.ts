import type { Command, Option, Options } from './command.ts'
import { exitCodeTexts } from './errors.ts'
import { table } from './terminal.ts'

/** The list of commands. */
export function overview(commands: readonly Command[]): string {
  return [
    'Usage: rolecall <command> [options]',
    '',
    'Commands for a tenant, over its Management API:',
    '',
    indented(table(commands.map((command) => [usageOf(command), command.summary]))),
    '',
    'A command connects with ROLECALL_ISSUER, ROLECALL_CLIENT_ID and ROLECALL_CLIENT_SECRET, or with the profile of',
    '`rolecall login`. `rolecall <command> --help` lists its options, with examples.',
    '',
    'Exit codes:',
    '',
    indented(table(exitCodeTexts.map(([code, text]) => [`${code}`, text]))),
  ].join('\n')
}

/** What `rolecall <command> --help` prints. */
export function commandHelp(command: Command): string {
  const { summary, description, options, examples } = command
  return [
    `Usage: rolecall ${usageOf(command)} [options]`,
    '',
    `${summary}.`,
    ...(description === undefined ? [] : ['', description]),
    '',
    'Options:',
    '',
    indented(table([...optionRows(options), ['--help, -h', 'Print this text']])),
    '',
    'Examples:',
    '',
    indented(examples.join('\n')),
  ].join('\n')
}

const usageOf = ({ name, parameters }: Command) => [name, ...parameters].join(' ')

const indented = (text: string) => text.replaceAll(/^(?=.)/gm, '  ')

function optionRows(options: Options): string[][] {
  return Object.entries(options).map(([name, option]) => [spelled(name, option), option.description])
}

function spelled(name: string, { value, short }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`
  return short === undefined ? long : `${long}, -${short}`
}
