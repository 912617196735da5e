import { Radio, TextInput } from '@mantine/core'
import { useNavigate } from 'react-router'
import { useForm } from '../../shared/forms/use-form.ts'
import {
  type ApplicationType,
  applicationTypes,
  newApplication,
} from '../../shared/management/application-types.ts'
import { useCreateApplication } from '../../shared/management/applications.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { applications as text } from './text.ts'

interface Values {
  name: string
  type: ApplicationType
  origin: string
}

export function CreateApplicationDialog({ type, onClose }: { type: ApplicationType; onClose: () => void }) {
  const create = useCreateApplication()
  const navigate = useNavigate()
  const toast = useToast()
  const failed = useFailure()
  const form = useForm<Values>({
    key: 'applications/new',
    saved: { name: '', type, origin: '' },
    validate: ({ name, origin }) => ({
      name: name.trim() ? undefined : common.required,
      origin: origin.trim() === '' || isOrigin(origin.trim()) ? undefined : text.invalidUrl,
    }),
  })
  const { values } = form
  const submit = () => {
    if (!form.check()) return
    const origin = values.type === 'non_interactive' ? '' : values.origin.trim().replace(/\/$/, '')
    create.mutate(newApplication(values.name.trim(), values.type, origin), {
      onSuccess: ({ client_id, name }) => {
        form.reset()
        toast.done(text.created(name))
        void navigate(`/applications/${client_id}/settings`)
      },
      onError: (error) => {
        if (!form.showRefusal(error)) failed(error)
      },
    })
  }
  return (
    <Dialog
      opened
      title={text.createTitle}
      onClose={onClose}
      action={{ label: common.create, busy: create.isPending, run: submit }}
    >
      <TextInput {...form.text('name')} label={common.name} data-autofocus />
      <Radio.Group
        label={text.type}
        value={values.type}
        onChange={(chosen) =>
          form.set({ type: applicationTypes.find((each) => each === chosen) ?? values.type })
        }
      >
        <div className="stack-tight" style={{ marginTop: 8 }}>
          {applicationTypes.map((each) => (
            <Radio key={each} value={each} label={text.types[each]} description={text.typeHints[each]} />
          ))}
        </div>
      </Radio.Group>
      {values.type !== 'non_interactive' && (
        <TextInput
          {...form.text('origin')}
          label={text.url}
          description={text.urlHint}
          placeholder="http://localhost:4040"
          spellCheck={false}
        />
      )}
    </Dialog>
  )
}

function isOrigin(address: string): boolean {
  return URL.canParse(address) && /^https?:/.test(address) && new URL(address).pathname === '/'
}
