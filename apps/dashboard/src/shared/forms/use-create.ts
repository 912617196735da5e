import { useState } from 'react'
import { useNavigate } from 'react-router'
import { ApiError } from '../api/api-error.ts'
import { useFailure } from '../ui/failure.tsx'
import { useToast } from '../ui/toast.tsx'
import type { Form } from './use-form.ts'

interface Options<Values extends object, Made> {
  form: Form<Values>
  create: (values: Values) => Promise<Made>
  /** What the message says, and the page of what was created. */
  created: (made: Made) => { message: string; page: string }
  /** The field that a refusal belongs to, where the server names none. */
  fieldOf?: (error: ApiError) => (keyof Values & string) | undefined
  onClose: () => void
}

/** Creates what a dialog describes and leads to its page. A refusal is shown at its field. */
export function useCreate<Values extends object, Made>({
  form,
  create,
  created,
  fieldOf,
  onClose,
}: Options<Values, Made>): { submit: () => void; busy: boolean } {
  const navigate = useNavigate()
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
      await navigate(page)
    } catch (error) {
      const field = error instanceof ApiError ? fieldOf?.(error) : undefined
      if (field && error instanceof ApiError) form.showError(field, error.explanation)
      else if (!form.showRefusal(error)) failed(error)
    } finally {
      setBusy(false)
    }
  }
  return {
    submit: () => {
      if (form.check()) void run()
    },
    busy,
  }
}
