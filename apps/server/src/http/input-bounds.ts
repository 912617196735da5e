const deepest = 64
const mostValues = 100_000

/**
 * What no part of the Management API takes from anybody: NUL and broken surrogate pairs (PostgreSQL keeps neither),
 * members that could reach a prototype, and nesting that costs more than it says. Walks with a list of its own, so
 * that no depth exhausts the stack.
 * @returns why the input is refused, or undefined
 */
export function whyRefused(input: unknown): string | undefined {
  const pending: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }]
  let seen = 0
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next
    if (++seen > mostValues) return `'Too many values, the most is ${mostValues}'`
    if (typeof value === 'string') {
      if (!isStorable(value)) return `'Text must be well-formed Unicode without U+0000'`
    } else if (typeof value === 'object' && value !== null) {
      if (depth === deepest) return `'Nested too deeply, the deepest is ${deepest}'`
      for (const [name, member] of Object.entries(value)) {
        if (name === '__proto__') return `'A member must not be named ${name}'`
        if (!isStorable(name)) return `'Names must be well-formed Unicode without U+0000'`
        pending.push({ value: member, depth: depth + 1 })
      }
    }
  }
  return undefined
}

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0')
