import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { CommandError, exitCodes, UsageError } from './errors.ts'
import { commandHelp, overview } from './help.ts'
import { safe, type Terminal } from './terminal.ts'

/**
 * Runs a command line.
 * @param args without the names of Node.js and the program
 * @returns the exit code
 */
export async function runCommandLine(terminal: Terminal, args: readonly string[]): Promise<number> {
  try {
    const [first] = args
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      terminal.print(overview(commands))
      return exitCodes.done
    }
    const { command, rest } = findCommand(args)
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.print(commandHelp(command))
      return exitCodes.done
    }
    return await command.start(terminal, rest)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    terminal.note(error.message.split('\n').map(safe).join('\n'))
    return error.exitCode
  }
}

/** The command with the most words that the arguments begin with. @throws UsageError */
function findCommand(args: readonly string[]): { command: Command; rest: readonly string[] } {
  const found = commands
    .filter(({ name }) => name.split(' ').every((word, index) => args[index] === word))
    .toSorted((one, other) => other.name.length - one.name.length)[0]
  if (found) return { command: found, rest: args.slice(found.name.split(' ').length) }
  const [first = ''] = args
  const group = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name)
  throw new UsageError(
    group.length > 0
      ? `${first} is one of: ${group.join(', ')}.`
      : `${first} is not a command. rolecall --help lists them.`,
  )
}
