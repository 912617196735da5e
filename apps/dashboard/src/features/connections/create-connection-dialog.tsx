import { NativeSelect, TextInput } from '@mantine/core'
import { useConfiguration } from '../../shared/configuration-context.ts'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { SecretField } from '../../shared/forms/secret-field.tsx'
import { useCreate } from '../../shared/forms/use-create.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { useCreateConnection } from '../../shared/management/connections.ts'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { isConnectionName, type NewConnectionValues, newConnectionOf } from './new-connection.ts'
import { type Preset, type PresetName, presetNames, presets } from './presets.ts'
import { addressProblem } from './provider-form.ts'
import { connectionSettings, connections, newConnection as text } from './text.ts'

export function CreateConnectionDialog({ preset, onClose }: { preset: PresetName; onClose: () => void }) {
  const { issuer } = useConfiguration()
  const { mutateAsync } = useCreateConnection()
  const form = useForm<NewConnectionValues>({
    key: 'connections/new',
    secret: ['client_secret'],
    saved: blank(preset),
    validate: ({ preset: chosen, name, issuer: address, client_id: clientId }) => ({
      name: isConnectionName(name.trim()) ? undefined : text.nameInvalid,
      issuer: presets[chosen].strategy === 'oidc' ? addressProblem(address) : undefined,
      client_id: clientId.trim() ? undefined : common.required,
    }),
  })
  const { values } = form
  const name = values.name.trim()
  const { submit, cancel, busy } = useCreate({
    form,
    create: (typed) => mutateAsync(newConnectionOf(typed)),
    created: (created) => ({
      message: connections.created(created.name),
      page: `/connections/${created.id}/applications`,
    }),
    refusalOf: ({ statusCode }) =>
      statusCode === 409 ? { field: 'name', message: connections.taken } : undefined,
    onClose,
  })
  const { strategy, registration }: Preset = presets[values.preset]
  const choose = (typed: string) => {
    const chosen = presetNames.find((each) => each === typed) ?? values.preset
    form.set({ ...blank(chosen), client_id: values.client_id, client_secret: values.client_secret })
  }
  return (
    <Dialog
      opened
      title={connections.createTitle}
      onClose={cancel}
      action={{ label: common.create, busy, run: submit }}
    >
      <FormNotes form={form} />
      <NativeSelect
        label={text.preset}
        description={text.presetHints[values.preset]}
        value={values.preset}
        data={presetNames.map((value) => ({ value, label: text.presets[value] }))}
        onChange={({ currentTarget: { value } }) => choose(value)}
        data-autofocus
      />
      <TextInput {...form.text('name')} label={text.name} description={text.nameHint} spellCheck={false} />
      {isConnectionName(name) && (
        <div className="stack-tight">
          <span className="small">{text.register}</span>
          <CopyText value={new URL(`/login/callback/${name}`, issuer).href} what={text.callback} />
          {registration && (
            <a className="small" href={registration} target="_blank" rel="noreferrer">
              {text.registerAt}
            </a>
          )}
        </div>
      )}
      {strategy === 'oidc' && (
        <TextInput
          {...form.text('issuer')}
          label={connectionSettings.issuer}
          description={connectionSettings.issuerHint}
          spellCheck={false}
        />
      )}
      <TextInput {...form.text('client_id')} label={connectionSettings.clientId} spellCheck={false} />
      <SecretField field={form.text('client_secret')} label={connectionSettings.clientSecret} />
    </Dialog>
  )
}

function blank(preset: PresetName): NewConnectionValues {
  const { name, issuer } = presets[preset]
  return { preset, name, issuer, client_id: '', client_secret: '' }
}
