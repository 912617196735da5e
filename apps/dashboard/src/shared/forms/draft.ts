/** Keeps what was typed across a reload and a log-in, for this tab alone. */

const prefix = 'rolecall:draft:'

export interface Draft<Values> {
  values: Values
  /** The version that was being edited. */
  version: string | undefined
  base: Values
}

export function readDraft<Values>(key: string): Draft<Values> | undefined {
  try {
    const stored = sessionStorage.getItem(prefix + key)
    if (stored === null) return undefined
    // Only this page writes here, and only what this function gives back.
    const draft: Draft<Values> = JSON.parse(stored)
    return draft
  } catch {
    return undefined
  }
}

export function writeDraft<Values>(key: string, draft: Draft<Values> | undefined): void {
  try {
    if (draft) sessionStorage.setItem(prefix + key, JSON.stringify(draft))
    else sessionStorage.removeItem(prefix + key)
  } catch {
    // A full or forbidden storage loses the draft, not the form.
  }
}
