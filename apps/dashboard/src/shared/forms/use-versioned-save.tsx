import { type ReactNode, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import type { Versioned } from '../api/management-api.ts'
import { common } from '../text.ts'
import { type Question, useConfirm } from '../ui/confirm.tsx'
import { useFailure } from '../ui/failure.tsx'
import { useToast } from '../ui/toast.tsx'
import { ConflictDialog } from './conflict-dialog.tsx'
import { differencesOf } from './differences.ts'
import type { Form } from './use-form.ts'

interface Options<Values extends object> {
  form: Form<Values>
  /** Writes the values, on condition that the version is still this one. */
  save: (values: Values, ifMatch: string | undefined) => Promise<unknown>
  /** Asked before the values are written. */
  question: (values: Values) => Question | undefined
  /** Reads what is saved now, in the form's terms. */
  reload: () => Promise<Versioned<Values>>
  /** How fields are called on the page. */
  labels: Record<keyof Values & string, string>
  /** Fields that a comparison leaves out. */
  secret: (keyof Values & string)[]
}

/** Saves a form. A change that another person has saved in the meantime is shown before it is overwritten. */
export function useVersionedSave<Values extends object>({
  form,
  save,
  question,
  reload,
  labels,
  secret,
}: Options<Values>): {
  submit: () => void
  saving: boolean
  dialog: ReactNode
} {
  const toast = useToast()
  const confirm = useConfirm()
  const failed = useFailure()
  const [saving, setSaving] = useState(false)
  const [theirs, setTheirs] = useState<Versioned<Values>>()

  const write = async (ifMatch: string | undefined) => {
    setSaving(true)
    try {
      await save(form.values, ifMatch)
      form.reset()
      setTheirs(undefined)
      toast.done(common.saved)
    } catch (error) {
      if (error instanceof ApiError && error.isConflictOfVersions) setTheirs(await reload())
      else if (!form.showRefusal(error)) failed(error)
    } finally {
      setSaving(false)
    }
  }

  const submit = async () => {
    const asked = question(form.values)
    if (!asked || (await confirm(asked))) await write(form.base.version)
  }

  return {
    submit: () => {
      if (form.check()) void submit()
    },
    saving,
    dialog: (
      <ConflictDialog
        differences={theirs && differencesOf(labels, theirs.value, form.values, secret)}
        onClose={() => setTheirs(undefined)}
        onTakeTheirs={() => {
          form.reset()
          setTheirs(undefined)
        }}
        onKeepMine={() => {
          if (!theirs) return
          form.rebase(theirs.value, theirs.version)
          void write(theirs.version)
        }}
      />
    ),
  }
}
