import { Switch, TextInput } from '@mantine/core'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useCreate } from '../../shared/forms/use-create.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { useApis, useCreateApi, withRbac } from '../../shared/management/apis.ts'
import { sameButForCase } from '../../shared/match.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { apiSettings, apis } from './text.ts'

const blank = { name: '', identifier: '', rbac: true }

export function CreateApiDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { mutateAsync } = useCreateApi()
  const form = useForm({
    key: 'apis/new',
    saved: blank,
    validate: ({ name, identifier }) => ({
      name: name.trim() ? undefined : common.required,
      identifier: identifier.trim() ? undefined : common.required,
    }),
  })
  const { data: existing = [] } = useApis(opened)
  const twin = sameButForCase(
    form.values.identifier.trim(),
    existing.map(({ identifier }) => identifier),
  )
  const { submit, cancel, busy } = useCreate({
    form,
    create: ({ name, identifier, rbac }) =>
      mutateAsync({ name: name.trim(), identifier: identifier.trim(), ...(rbac && withRbac) }),
    created: ({ id, name }) => ({ message: apis.created(name), page: `/apis/${id}/permissions` }),
    refusalOf: ({ statusCode }) =>
      statusCode === 409 ? { field: 'identifier', message: apis.taken } : undefined,
    onClose,
  })
  return (
    <Dialog
      title={apis.createTitle}
      opened={opened}
      onClose={cancel}
      action={{ label: common.create, busy, run: submit }}
    >
      <FormNotes form={form} />
      <TextInput {...form.text('name')} label={common.name} description={apis.nameHint} data-autofocus />
      <TextInput
        {...form.text('identifier')}
        label={common.identifier}
        description={twin === undefined ? apis.identifierHint : common.caseMatters(twin)}
        placeholder="https://api.example.com"
        spellCheck={false}
      />
      <Switch
        label={apiSettings.enable}
        description={apis.rbacHint}
        checked={form.values.rbac}
        onChange={({ currentTarget: { checked } }) => form.set({ rbac: checked })}
      />
    </Dialog>
  )
}
