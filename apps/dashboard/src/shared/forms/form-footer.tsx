import { Button } from '@mantine/core'
import { common } from '../text.ts'
import type { Form } from './use-form.ts'

/** Save and discard, once there is something to save. */
export function FormFooter<Values>({ form, saving }: { form: Form<Values>; saving: boolean }) {
  return (
    <div className="row" style={{ marginTop: 4 }}>
      <Button type="submit" variant="filled" loading={saving} disabled={!form.dirty}>
        {common.save}
      </Button>
      {form.dirty && (
        <Button variant="subtle" color="gray" onClick={form.reset}>
          {common.discard}
        </Button>
      )}
    </div>
  )
}
