import { defineCommand } from '../command.ts'
import { printResult, safe } from '../terminal.ts'
import { connect } from './connect.ts'
import { connectionOptions, jsonOption } from './options.ts'
import { readClaims } from './token-claims.ts'

export const whoamiCommand = defineCommand({
  name: 'whoami',
  summary: 'Print the server, the person or application, and what they may do on the Management API',
  options: { ...connectionOptions, ...jsonOption },
  examples: ['rolecall whoami', 'rolecall whoami --json'],
  async run(terminal, { json, ...chosen }) {
    const management = await connect(terminal, chosen)
    const { sub, scope = '', exp } = readClaims(await management.accessToken())
    const isApplication = sub === undefined || sub.endsWith('@clients')
    const result = {
      issuer: management.issuer,
      client_id: management.clientId,
      ...(!isApplication && { user_id: sub }),
      scope: scope.split(' ').filter((name) => name !== ''),
      ...(exp !== undefined && { expires_at: new Date(exp * 1_000).toISOString() }),
    }
    printResult(terminal, json, result, () =>
      [
        `Server: ${result.issuer}`,
        `Application: ${safe(result.client_id)}`,
        ...(isApplication ? [] : [`User: ${safe(sub)}`]),
        `Scopes: ${safe(result.scope.join(' ')) || 'none'}`,
      ].join('\n'),
    )
  },
})
