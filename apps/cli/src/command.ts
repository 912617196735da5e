import { parseArgs } from 'node:util'
import { exitCodes, UsageError } from './errors.ts'
import type { Terminal } from './terminal.ts'

/** An option as `parseArgs` of node:util takes it, with what its help prints. */
export interface Option {
  type: 'string' | 'boolean'
  description: string
  /** The placeholder of the value in the help, such as `FILE`. */
  value?: string
  /** Offered by the completion of the shell. */
  choices?: readonly string[]
  short?: string
  multiple?: boolean
}
export type Options = Record<string, Option>

type Value<O extends Option> = O['type'] extends 'boolean'
  ? true
  : O['multiple'] extends true
    ? string[]
    : string
export type Values<O extends Options> = { [Name in keyof O]?: Value<O[Name]> }

/** A command as it is written: its options give `run` the types of their values. */
interface Definition<O extends Options> {
  /** The words that select it: `users import`. */
  name: string
  /** Names of the arguments after it: `FILE`, `[FILE]` for one that may be absent, `FILE...` for any number. */
  parameters?: readonly string[]
  /** One line, without a full stop, for the list of commands. */
  summary: string
  /** What else its `--help` says. */
  description?: string
  options: O
  /** Complete command lines, without `$`. */
  examples: readonly string[]
  /** @returns the exit code; without one it is 0 */
  run(terminal: Terminal, values: Values<O>, parameters: readonly string[]): Promise<number | void>
}

export interface Command extends Omit<Definition<Options>, 'run'> {
  parameters: readonly string[]
  /** Parses the arguments after the name and runs the command. */
  start(terminal: Terminal, args: readonly string[]): Promise<number>
}

/**
 * @example
 * export const whoami = defineCommand({
 *   name: 'whoami',
 *   summary: 'Print who is logged in',
 *   options: { ...connectionOptions },
 *   examples: ['rolecall whoami'],
 *   async run(terminal, values) {
 *     const management = await connect(terminal, values)
 *     terminal.print(management.clientId)
 *   },
 * })
 */
export function defineCommand<const O extends Options>(definition: Definition<O>): Command {
  const parameters = definition.parameters ?? []
  return {
    ...definition,
    parameters,
    async start(terminal, args) {
      const { values, positionals } = parse(definition, args)
      requireParameters(definition.name, parameters, positionals)
      return (await definition.run(terminal, values, positionals)) ?? exitCodes.done
    },
  }
}

function parse<O extends Options>({ name, options }: Definition<O>, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parseArgs returns what the options say.
    return { values: values as Values<O>, positionals }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError(`${firstSentence(error.message)} See: rolecall ${name} --help`)
  }
}

/** The rest of the messages of parseArgs is about arguments that begin with a dash. */
const firstSentence = (message: string) => `${message.split('. ')[0]?.replace(/\.$/, '')}.`

function requireParameters(name: string, parameters: readonly string[], given: readonly string[]): void {
  const required = parameters.filter((parameter) => !parameter.startsWith('['))
  const isOpen = parameters.some((parameter) => parameter.replace(']', '').endsWith('...'))
  const missing = required[given.length]
  if (missing !== undefined) throw new UsageError(`${missing} is missing. See: rolecall ${name} --help`)
  if (given.length > parameters.length && !isOpen)
    throw new UsageError(`Unexpected argument ${given[parameters.length]}. See: rolecall ${name} --help`)
}
