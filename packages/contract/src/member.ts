/** `{ [name]: value }` with its exact type. TypeScript widens a computed name to string. */
export function member<Name extends string, Value>(name: Name, value: Value): { [key in Name]: Value } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the object has exactly this member.
  return { [name]: value } as { [key in Name]: Value }
}

/** Like `member`, but without the member when the value is null or undefined. */
export function given<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [key in Name]?: Value } {
  return value === undefined || value === null ? {} : member(name, value)
}
