import { common } from '../text.ts'

/** A field that two people have given different values. */
export interface Difference {
  field: string
  theirs: string
  yours: string
}

/**
 * @param labels how the fields are called on the page; their order is the order of the result
 * @param secret fields that are left out
 */
export function differencesOf<Values extends object>(
  labels: Record<keyof Values & string, string>,
  theirs: Values,
  yours: Values,
  secret: readonly string[] = [],
): Difference[] {
  return Object.entries<string>(labels)
    .filter(([name]) => !secret.includes(name))
    .map(([name, field]) => ({
      field,
      theirs: show(Reflect.get(theirs, name)),
      yours: show(Reflect.get(yours, name)),
    }))
    .filter((row) => row.theirs !== row.yours)
}

function show(value: unknown): string {
  if (typeof value === 'boolean') return value ? common.yes : common.no
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)
}
