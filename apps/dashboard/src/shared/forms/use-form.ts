import { useEffect, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { type Draft, readDraft, writeDraft } from './draft.ts'

export type Errors<Values> = { [Name in keyof Values]?: string | undefined }

interface Options<Values> {
  /** Names the draft; one form at a time uses it. */
  key: string
  /** What is saved at present. */
  saved: Values
  /** The version of `saved`. */
  version?: string | undefined
  validate?: (values: Values) => Errors<Values>
  /** Fields whose content is never kept outside this page's memory. */
  secret?: (keyof Values & string)[]
}

/** What a text field is given. */
export interface TextField {
  name: string
  value: string
  error: string | undefined
  onChange: (event: { currentTarget: { value: string } }) => void
}

export interface Form<Values> {
  values: Values
  errors: Errors<Values>
  dirty: boolean
  /** Whether the values came back from before a reload or a log-in. */
  restored: boolean
  /** What was saved, and under which version, when this editing began. */
  base: { values: Values; version: string | undefined }
  set: (changes: Partial<Values>) => void
  text: (name: keyof Values & string) => TextField
  /** @returns whether everything is right; if not, the fields say what is wrong */
  check: () => boolean
  showError: (name: keyof Values & string, message: string) => void
  /** Shows a refusal at its field. @returns whether it has one */
  showRefusal: (error: unknown) => boolean
  /** Discards the draft. */
  reset: () => void
  /** Keeps what was typed, on top of a newer version. */
  rebase: (saved: Values, version: string | undefined) => void
}

/** The state of a form: shows what is saved until the user types, and keeps what was typed across a login or a reload. */
export function useForm<Values extends object>(options: Options<Values>): Form<Values> {
  const { key, saved, version, validate, secret = [] } = options
  const [draft, setDraft] = useState<Draft<Values> | undefined>(() => restore(key, saved, secret))
  const [restored, setRestored] = useState(draft !== undefined)
  const [errors, setErrors] = useState<Errors<Values>>({})
  const [refusals, setRefusals] = useState(0)
  useEffect(() => {
    if (refusals > 0) focusFirstError()
  }, [refusals])
  const values = draft?.values ?? saved
  const base = { values: draft?.base ?? saved, version: draft ? draft.version : version }

  const keep = (next: Draft<Values> | undefined) => {
    setDraft(next)
    writeDraft(
      key,
      next && { ...next, values: without(next.values, secret), base: without(next.base, secret) },
    )
  }
  const set = (changes: Partial<Values>) => {
    setErrors(without(errors, Object.keys(changes)))
    const next = { ...values, ...changes }
    const unchanged = JSON.stringify(next) === JSON.stringify(base.values)
    keep(unchanged ? undefined : { values: next, base: base.values, version: base.version })
  }
  const showError = (name: keyof Values & string, message: string) => {
    const found: Errors<Values> = {}
    found[name] = message
    setErrors(found)
    setRefusals((n) => n + 1)
  }
  return {
    values,
    errors,
    base,
    set,
    dirty: draft !== undefined,
    restored: restored && draft !== undefined,
    text: (name) => ({
      name,
      value: String(values[name]),
      error: errors[name],
      onChange: ({ currentTarget: { value } }) => {
        const change: Partial<Values> = {}
        Reflect.set(change, name, value)
        set(change)
      },
    }),
    check: () => {
      const found = validate?.(values) ?? {}
      setErrors(found)
      const isRight = Object.values(found).every((error) => error === undefined)
      if (!isRight) setRefusals((n) => n + 1)
      return isRight
    },
    showError,
    showRefusal: (error) => {
      const field = error instanceof ApiError ? error.field : undefined
      if (!field || !isNameIn(values, field.name)) return false
      showError(field.name, field.message)
      return true
    },
    reset: () => {
      keep(undefined)
      setRestored(false)
      setErrors({})
    },
    rebase: (newlySaved, newVersion) => {
      if (draft) keep({ values: draft.values, base: newlySaved, version: newVersion })
    },
  }
}

/** A screen reader reads the field with its error, and typing corrects it. */
function focusFirstError(): void {
  const form = document.querySelector('[role=dialog]') ?? document
  form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
}

function isNameIn<Values extends object>(values: Values, name: string): name is keyof Values & string {
  return Object.hasOwn(values, name)
}

/** A draft comes back without its secrets: those are typed again. */
function restore<Values extends object>(
  key: string,
  saved: Values,
  secret: string[],
): Draft<Values> | undefined {
  const draft = readDraft<Values>(key)
  if (!draft) return undefined
  const empty = without(
    saved,
    Object.keys(saved).filter((name) => !secret.includes(name)),
  )
  return { ...draft, values: { ...draft.values, ...empty }, base: { ...draft.base, ...empty } }
}

function without<T extends object>(values: T, names: readonly string[]): T {
  const others = { ...values }
  for (const name of names) Reflect.deleteProperty(others, name)
  return others
}
