import type { FieldsQuery } from '@rolecall/contract'

/** Gives the members that `fields` names, or all others with `include_fields=false`. Unknown names are no error. */
export function pickFields<T extends object>(object: T, { fields, include_fields }: FieldsQuery): Partial<T> {
  if (!fields) return object
  const names = new Set(fields.split(','))
  const include = include_fields !== 'false'
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- some of the object's own entries.
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => names.has(name) === include),
  ) as Partial<T>
}
