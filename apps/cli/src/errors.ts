/** The exit codes of every command. `rolecall --help` and docs/guides/as-code.md list them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  changes: 2,
  losses: 3,
  movedOn: 4,
  usage: 64,
} as const

/** What the codes mean, for the help. */
export const exitCodeTexts: readonly (readonly [code: number, text: string])[] = [
  [exitCodes.done, 'done; `plan`: nothing would change'],
  [exitCodes.failed, 'it failed, or a check did not pass'],
  [exitCodes.changes, '`plan`: something would change'],
  [exitCodes.losses, '`plan`: somebody would lose a permission, or the tokens of an API would be restricted'],
  [exitCodes.movedOn, '`apply`: the tenant is not as it was when the plan was made. Nothing was changed'],
  [exitCodes.usage, 'the command line, a file or the configuration is wrong'],
]

/** An error with a message for the person at the terminal, who can fix its cause. Other errors are bugs. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The command line, a file or the configuration is wrong. */
export class UsageError extends CommandError {
  override name = 'UsageError'

  constructor(message: string) {
    super(message, exitCodes.usage)
  }
}
