import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Versioned } from '../api/management-api.ts'
import { FormFooter } from '../forms/form-footer.tsx'
import { FormNotes } from '../forms/form-notes.tsx'
import { type Errors, type Form, useForm } from '../forms/use-form.ts'
import { useVersionedSave } from '../forms/use-versioned-save.tsx'
import type { Question } from '../ui/confirm.tsx'
import { Loaded } from '../ui/loaded.tsx'

interface Props<Resource, Values extends object> {
  /** Names what is typed and not saved yet; no other form has the name. */
  draft: string
  query: UseQueryResult<Versioned<Resource>>
  toValues: (resource: Resource) => Values
  /** How fields are called on the page. */
  labels: Record<keyof Values & string, string>
  /** Fields whose content is never kept outside this page's memory, nor shown. */
  secret?: (keyof Values & string)[]
  validate?: (values: Values) => Errors<Values>
  /** Writes what the form holds, on condition that the stored version is still `ifMatch`. */
  save: (change: Change<Resource, Values>) => Promise<unknown>
  /** Asked before values are saved that take something away. */
  question?: (change: Omit<Change<Resource, Values>, 'ifMatch'>) => Question | undefined
  mayChange: boolean
  children: (form: Form<Values>, resource: Resource) => ReactNode
}

interface Change<Resource, Values> {
  values: Values
  /** What was stored when the editing began. */
  base: Values
  resource: Resource
  ifMatch: string | undefined
}

const noFields: never[] = []

/** A form of a stored resource: loads it, saves it, and shows what another person has saved in the meantime. */
export function VersionedForm<Resource, Values extends object>(props: Props<Resource, Values>) {
  return <Loaded query={props.query}>{(data) => <LoadedForm {...props} data={data} />}</Loaded>
}

function LoadedForm<Resource, Values extends object>({
  draft,
  query,
  data: { value: resource, version },
  toValues,
  labels,
  secret = noFields,
  validate,
  save,
  question,
  mayChange,
  children,
}: Props<Resource, Values> & { data: Versioned<Resource> }) {
  const form = useForm<Values>({
    key: draft,
    saved: toValues(resource),
    version,
    secret,
    ...(validate && { validate }),
  })
  const { submit, saving, dialog } = useVersionedSave({
    form,
    labels,
    secret,
    question: (values) => question?.({ values, base: form.base.values, resource }),
    save: (values, ifMatch) => save({ values, base: form.base.values, resource, ifMatch }),
    reload: async () => {
      const { data: latest } = await query.refetch({ throwOnError: true })
      return { value: toValues(latest?.value ?? resource), version: latest?.version }
    },
  })
  return (
    <form
      noValidate
      className="versioned-form"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <FormNotes form={form} readOnly={!mayChange} />
      <fieldset className="plain" disabled={!mayChange}>
        {children(form, resource)}
      </fieldset>
      {mayChange && <FormFooter form={form} saving={saving} />}
      {dialog}
    </form>
  )
}
