import { Checkbox, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { categoryOfLogType, logCategories } from '@rolecall/contract'
import { FormNotes } from '../../shared/forms/form-notes.tsx'
import { useCreate } from '../../shared/forms/use-create.ts'
import { useForm } from '../../shared/forms/use-form.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { type NewStream, useStreamChanges } from './streams-queries.ts'
import { streams as text } from './text.ts'

const formats = ['JSONLINES', 'JSONARRAY', 'JSONOBJECT'] as const
/** Those that this server has entries of. */
const used = new Set(Object.values(categoryOfLogType))
const categories = logCategories.filter((category) => used.has(category))
const blank: NewStream = { name: '', endpoint: '', format: 'JSONLINES', authorization: '', categories: [] }

export function CreateStreamDialog({ onClose }: { onClose: () => void }) {
  const { create } = useStreamChanges()
  const form = useForm({
    key: 'log-streams/new',
    saved: blank,
    secret: ['authorization'],
    validate: ({ endpoint }) => ({ endpoint: endpoint.trim() ? undefined : common.required }),
  })
  const { values } = form
  const { submit, cancel, busy } = useCreate({
    form,
    create: async (typed) => {
      const named = { ...typed, name: typed.name.trim(), endpoint: typed.endpoint.trim() }
      await create(named)
      return named
    },
    created: ({ name, endpoint }) => ({ message: text.created(name || endpoint), page: '/settings/streams' }),
    refusalOf: ({ statusCode, field, message }) =>
      statusCode === 400 ? { field: 'endpoint', message: field?.message ?? message } : undefined,
    onClose,
  })
  return (
    <Dialog opened title={text.create} onClose={cancel} action={{ label: common.create, busy, run: submit }}>
      <FormNotes form={form} />
      <TextInput
        {...form.text('endpoint')}
        label={text.endpoint}
        description={text.endpointHint}
        placeholder="https://logs.example.com/rolecall"
        data-autofocus
      />
      <TextInput {...form.text('name')} label={common.name} />
      <NativeSelect
        label={text.format}
        value={values.format}
        data={formats.map((value) => ({ value, label: text.formats[value] }))}
        onChange={({ currentTarget }) => {
          const format = formats.find((one) => one === currentTarget.value)
          if (format) form.set({ format })
        }}
      />
      <PasswordInput
        {...form.text('authorization')}
        label={text.authorization}
        description={text.authorizationHint}
        autoComplete="off"
      />
      <Checkbox.Group
        label={text.categories}
        description={text.categoriesHint}
        value={values.categories}
        onChange={(chosen) => form.set({ categories: categories.filter((one) => chosen.includes(one)) })}
      >
        <div className="stack" style={{ marginTop: 8 }}>
          {categories.map((category) => (
            <Checkbox key={category} value={category} label={category} />
          ))}
        </div>
      </Checkbox.Group>
    </Dialog>
  )
}
