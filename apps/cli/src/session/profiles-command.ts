import { defineCommand } from '../command.ts'
import { printResult, safe, table } from '../terminal.ts'
import { jsonOption } from './options.ts'
import { readProfiles } from './profiles.ts'

export const profilesCommand = defineCommand({
  name: 'profiles',
  summary: 'List the profiles of this machine',
  options: { ...jsonOption },
  examples: ['rolecall profiles', 'rolecall plan tenant.yaml --profile production'],
  async run(terminal, { json }) {
    const { current, profiles } = await readProfiles(terminal)
    const list = Object.entries(profiles).map(([name, { issuer, clientId }]) => ({
      name,
      issuer,
      client_id: clientId,
      current: name === current,
    }))
    printResult(terminal, json, list, () =>
      list.length === 0
        ? 'There are no profiles. rolecall login makes one.'
        : table(
            list.map((one) => [
              one.current ? '*' : ' ',
              safe(one.name),
              safe(one.issuer),
              safe(one.client_id),
            ]),
          ),
    )
  },
})
