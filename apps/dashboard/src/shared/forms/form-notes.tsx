import { common } from '../text.ts'
import { Callout } from '../ui/tag.tsx'
import type { Form } from './use-form.ts'

/** What one should know before typing. */
export function FormNotes<Values>({ form, readOnly = false }: { form: Form<Values>; readOnly?: boolean }) {
  if (!readOnly && !form.restored) return null
  return (
    <div style={{ marginBottom: 16 }}>
      {readOnly ? <Callout>{common.readOnly}</Callout> : <Callout tone="ok">{common.restored}</Callout>}
    </div>
  )
}
