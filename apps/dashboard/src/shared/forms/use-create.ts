import { useState } from 'react'
import { useNavigate } from 'react-router'
import { ApiError } from '../api/api-error.ts'
import { useFailure } from '../ui/failure.tsx'
import { useToast } from '../ui/toast.tsx'
import { useIsCurrent } from '../use-is-current.ts'
import type { Form } from './use-form.ts'

export interface Refusal<Values> {
  field: keyof Values & string
  message: string
}

interface Options<Values extends object, Made> {
  form: Form<Values>
  create: (values: Values) => Promise<Made>
  /** What the message says, and the page of what was created. */
  created: (made: Made) => { message: string; page: string }
  /** The field that a refusal belongs to and what it says there, where the server names no field. */
  refusalOf?: (error: ApiError) => Refusal<Values> | undefined
  onClose: () => void
}

/** Creates what a dialog describes and leads to its page. A refusal is shown at its field. */
export function useCreate<Values extends object, Made>({
  form,
  create,
  created,
  refusalOf,
  onClose,
}: Options<Values, Made>): { submit: () => void; cancel: () => void; busy: boolean } {
  const navigate = useNavigate()
  const isCurrent = useIsCurrent()
  const toast = useToast()
  const failed = useFailure()
  const [busy, setBusy] = useState(false)

  const run = async () => {
    setBusy(true)
    try {
      const { message, page } = created(await create(form.values))
      form.reset()
      onClose()
      toast.done(message)
      if (isCurrent()) await navigate(page)
    } catch (error) {
      const refusal = error instanceof ApiError ? refusalOf?.(error) : undefined
      if (refusal) form.showError(refusal.field, refusal.message)
      else if (!form.showRefusal(error)) failed(error)
    } finally {
      setBusy(false)
    }
  }
  return {
    submit: () => {
      if (form.check()) void run()
    },
    // What was typed is kept for a log-in or a reload in the middle, not for the next time.
    cancel: () => {
      form.reset()
      onClose()
    },
    busy,
  }
}
