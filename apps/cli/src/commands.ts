import type { Command } from './command.ts'
import { completionCommand } from './completion.ts'
import { apiCommand } from './management/api-command.ts'
import { login, logout } from './session/login.ts'
import { profilesCommand } from './session/profiles-command.ts'

/** Every command, in the order of `rolecall --help`. */
export const commands: readonly Command[] = [
  login,
  logout,
  profilesCommand,
  apiCommand,
  completionCommand(() => commands),
]
