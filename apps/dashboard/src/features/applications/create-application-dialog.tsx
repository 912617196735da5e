import { Radio, TextInput } from '@mantine/core'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useCreate } from '../../shared/forms/use-create.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import {
  type ApplicationType,
  applicationTypes,
  newApplication,
} from '../../shared/management/application-types.ts'
import { useCreateApplication } from '../../shared/management/applications.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { applications as text } from './text.ts'

interface Values {
  name: string
  type: ApplicationType
  origin: string
}

export function CreateApplicationDialog({ type, onClose }: { type: ApplicationType; onClose: () => void }) {
  const { mutateAsync } = useCreateApplication()
  const form = useForm<Values>({
    key: 'applications/new',
    saved: { name: '', type, origin: '' },
    validate: ({ name, origin }) => ({
      name: name.trim() ? undefined : common.required,
      origin: origin.trim() === '' || isOrigin(origin.trim()) ? undefined : text.invalidUrl,
    }),
  })
  const { values } = form
  const { submit, cancel, busy } = useCreate({
    form,
    create: ({ name, type: chosen, origin }) =>
      mutateAsync(newApplication(name.trim(), chosen, chosen === 'non_interactive' ? '' : originOf(origin))),
    created: ({ client_id, name }) => ({
      message: text.created(name),
      page: `/applications/${client_id}/settings`,
    }),
    onClose,
  })
  return (
    <Dialog
      opened
      title={text.createTitle}
      onClose={cancel}
      action={{ label: common.create, busy, run: submit }}
    >
      <FormNotes form={form} />
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

const originOf = (typed: string): string => typed.trim().replace(/\/$/, '')

function isOrigin(address: string): boolean {
  return URL.canParse(address) && /^https?:/.test(address) && new URL(address).pathname === '/'
}
