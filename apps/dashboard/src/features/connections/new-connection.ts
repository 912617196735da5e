import type { ConnectionCreate } from '@rolecall/contract'
import { addressOption, type PresetName, presets } from './presets.ts'

/** Named as the members of the wire, so that a refusal is shown at its field. */
export interface NewConnectionValues {
  preset: PresetName
  name: string
  issuer: string
  client_id: string
  client_secret: string
}

export const isConnectionName = (name: string) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name)

/** The body that creates the connection. */
export function newConnectionOf({ preset, ...values }: NewConnectionValues): ConnectionCreate {
  const { strategy, displayName } = presets[preset]
  const options = {
    client_id: values.client_id.trim(),
    ...(values.client_secret && { client_secret: values.client_secret }),
  }
  const common = {
    name: values.name.trim(),
    ...(displayName !== '' && { display_name: displayName }),
    show_as_button: true,
  }
  return strategy === 'github'
    ? { ...common, strategy, options }
    : {
        ...common,
        strategy,
        options: {
          ...options,
          ...addressOption(values.issuer),
          type: 'back_channel',
          scope: 'openid profile email',
        },
      }
}
