/** Markup that needs no escaping. Only {@link html} and {@link markup} create it. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

type Value = string | number | Html | readonly Html[] | false | null | undefined

/** A template whose values are escaped, except {@link Html}. False, null and undefined become empty. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.reduce((text, part, i) => text + markupOf(values[i - 1]) + part))
}

/** Marks trusted markup of another library as {@link Html}. */
export function markup(trusted: string): Html {
  return new Html(trusted)
}

function markupOf(value: Value): string {
  if (value === false || value === null || value === undefined) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(String).join('')
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
