import { checkCommand } from './access/check-command.ts'
import { explainCommand } from './access/explain-command.ts'
import { testCommand } from './access/test-command.ts'
import { typesCommand } from './access/types-command.ts'
import type { Command } from './command.ts'
import { completionCommand } from './completion.ts'
import { doctorCommand } from './doctor/doctor-command.ts'
import { apiCommand } from './management/api-command.ts'
import { importAuth0 } from './moving-in/import-command.ts'
import { applyCommand } from './plan/apply-command.ts'
import { planCommand } from './plan/plan-command.ts'
import { login, logout } from './session/login.ts'
import { profilesCommand } from './session/profiles-command.ts'
import { whoamiCommand } from './session/whoami-command.ts'
import { exportCommand } from './tenant/export-command.ts'
import { usersExport, usersImport } from './users/users-commands.ts'

/** Every command, in the order of `rolecall --help`. */
export const commands: readonly Command[] = [
  login,
  logout,
  profilesCommand,
  whoamiCommand,
  typesCommand,
  testCommand,
  checkCommand,
  explainCommand,
  usersImport,
  usersExport,
  importAuth0,
  doctorCommand,
  exportCommand,
  planCommand,
  applyCommand,
  apiCommand,
  completionCommand(() => commands),
]
