import { TextInput } from '@mantine/core'
import { useNavigate } from 'react-router'
import { ApiError } from '../../shared/api/api-error.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { useApis, useCreateApi } from '../../shared/management/apis.ts'
import { sameButForCase } from '../../shared/match.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { apis } from './text.ts'

const blank = { name: '', identifier: '' }

export function CreateApiDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreateApi()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
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
  const submit = () => {
    if (!form.check()) return
    const { name, identifier } = form.values
    create.mutate(
      { name: name.trim(), identifier: identifier.trim() },
      {
        onSuccess: (api) => {
          form.reset()
          onClose()
          toast.done(apis.created(api.name))
          void navigate(`/apis/${api.id}/permissions`)
        },
        onError: (error) => {
          if (error instanceof ApiError && error.statusCode === 409)
            form.showErrors({ identifier: error.message })
          else if (!form.showRefusal(error)) failed(error)
        },
      },
    )
  }
  return (
    <Dialog
      title={apis.createTitle}
      opened={opened}
      onClose={onClose}
      action={{ label: common.create, busy: create.isPending, run: submit }}
    >
      <TextInput {...form.text('name')} label={common.name} description={apis.nameHint} data-autofocus />
      <TextInput
        {...form.text('identifier')}
        label={common.identifier}
        description={twin === undefined ? apis.identifierHint : common.caseMatters(twin)}
        placeholder="https://api.example.com"
        spellCheck={false}
      />
    </Dialog>
  )
}
