import type { FailurePage } from '../../http/errors.ts'
import { pageHeaders } from '../../pages/headers.ts'
import { texts } from '../../pages/texts.ts'
import { errorPage } from './error.ts'

/** The page of a failure. It reads nothing from the store, which may be what failed. */
export const failurePage: FailurePage = ({ status, error, error_description: description }) => ({
  headers: pageHeaders(),
  body: errorPage({
    frame: { tenant: 'Rolecall' },
    ...sentences(status),
    code: error,
    description,
  }),
})

function sentences(status: number): { title?: string; lead?: string } {
  if (status === 503) return texts.unavailable
  if (status === 413 || status === 414) return texts.tooLarge
  return status >= 500 ? { lead: texts.errorPage.ownLead } : {}
}
