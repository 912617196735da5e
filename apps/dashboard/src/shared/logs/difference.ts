/** A member that a change added, removed or gave another value. Undefined: it was not there. */
export interface Difference {
  /** Its path, such as `options.passwordPolicy`. */
  member: string
  before?: string
  after?: string
}

/** What differs between two states of an object. Of a list, only the items that came and went. */
export function differencesBetween(before: unknown, after: unknown, path = ''): Difference[] {
  if (isObject(before) || isObject(after)) {
    const [old, fresh] = [before, after].map((value) => (isObject(value) ? value : {}))
    const names = new Set([...Object.keys(old ?? {}), ...Object.keys(fresh ?? {})])
    return [...names].flatMap((name) =>
      differencesBetween(old?.[name], fresh?.[name], path === '' ? name : `${path}.${name}`),
    )
  }
  if (Array.isArray(before) || Array.isArray(after)) return ofLists(asList(before), asList(after), path)
  if (before === after) return []
  return [
    {
      member: path,
      ...(before !== undefined && { before: show(before) }),
      ...(after !== undefined && { after: show(after) }),
    },
  ]
}

function ofLists(before: string[], after: string[], member: string): Difference[] {
  const [old, fresh] = [new Set(before), new Set(after)]
  return [
    ...before.filter((item) => !fresh.has(item)).map((item) => ({ member, before: item })),
    ...after.filter((item) => !old.has(item)).map((item) => ({ member, after: item })),
  ]
}

const asList = (value: unknown): string[] => (Array.isArray(value) ? value.map(show) : [])

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object of texts by its texts: a permission is `read:messages · Read messages`. */
function show(value: unknown): string {
  if (value === '') return '(empty)'
  if (!isObject(value)) return typeof value === 'string' ? value : JSON.stringify(value)
  const members = Object.values(value)
  return members.every((member) => typeof member === 'string') ? members.join(' · ') : JSON.stringify(value)
}
