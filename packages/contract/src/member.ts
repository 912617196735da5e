/** `{ [name]: value }` with the type it has: TypeScript alone widens a computed name to any text. */
export function member<Name extends string, Value>(name: Name, value: Value): { [key in Name]: Value } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- exactly this member was just written.
  return { [name]: value } as { [key in Name]: Value }
}

/** The same for a value that is there, and nothing for one that is not. */
export function given<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [key in Name]?: Value } {
  return value === undefined || value === null ? {} : member(name, value)
}
