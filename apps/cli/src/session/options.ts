/** The options of every command that talks to a tenant. */
export const connectionOptions = {
  profile: { type: 'string', value: 'NAME', description: 'Use this profile (ROLECALL_PROFILE)' },
  issuer: { type: 'string', value: 'URL', description: 'The address of the server (ROLECALL_ISSUER)' },
} as const

export const jsonOption = {
  json: { type: 'boolean', description: 'Print JSON for programs' },
} as const
