import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { readYaml } from '../files.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions } from '../session/options.ts'

const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const

export const apiCommand = defineCommand({
  name: 'api',
  parameters: ['METHOD', 'PATH'],
  summary: 'Send a request to the Management API, and print the answer',
  options: {
    ...connectionOptions,
    body: { type: 'string', value: 'FILE', description: 'The JSON or YAML file to send' },
  },
  examples: ["rolecall api GET '/roles?per_page=10'", 'rolecall api POST /roles --body role.json'],
  async run(terminal, values, [method = '', path = '']) {
    const found = methods.find((name) => name === method.toUpperCase())
    if (!found) throw new UsageError(`${method} is not one of ${methods.join(', ')}.`)
    if (!path.startsWith('/')) throw new UsageError(`${path} must begin with a slash, such as /roles.`)
    const body =
      values.body === undefined ? {} : { body: await readYaml(resolve(terminal.folder, values.body)) }
    const management = await connect(terminal, values)
    const answer = await management.send(found, path, body)
    if (answer !== undefined) terminal.print(JSON.stringify(answer, null, 2))
  },
})
