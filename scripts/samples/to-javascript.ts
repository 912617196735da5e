import { type Comment, parseSync, Visitor } from 'oxc-parser'

type Span = { start: number; end: number }

/** Tells the parser what the text is. */
export type Language = 'ts' | 'tsx'

/**
 * Turns TypeScript into JavaScript by removing what is only for the type checker, so that layout and comments stay as
 * they were written. Comments in front of a removed declaration go with it. The result still has to be formatted.
 * Relative imports of `.ts` and `.tsx` files become `.js` and `.jsx`.
 */
export function toJavaScript(source: string, language: Language): string {
  const { program, comments, errors } = parseSync(`source.${language}`, source)
  const [error] = errors
  if (error) throw new Error(error.message)
  const removed: Span[] = []
  const remove = (span: Span) => void removed.push(span)
  const declaration = (span: Span) =>
    remove({ start: startWithComments(source, comments, span.start), end: endOfLine(source, span.end) })

  new Visitor({
    TSInterfaceDeclaration: declaration,
    TSTypeAliasDeclaration: declaration,
    TSTypeAnnotation: remove,
    TSTypeParameterDeclaration: remove,
    TSTypeParameterInstantiation: remove,
    TSAsExpression: ({ expression, end }) => remove({ start: expression.end, end }),
    TSSatisfiesExpression: ({ expression, end }) => remove({ start: expression.end, end }),
    TSNonNullExpression: ({ expression, end }) => remove({ start: expression.end, end }),
    ExportNamedDeclaration: (node) => {
      if (node.exportKind === 'type') declaration(node)
    },
    ImportDeclaration: (node) => {
      if (node.importKind === 'type') {
        declaration(node)
        return
      }
      for (const [index, specifier] of node.specifiers.entries()) {
        if (specifier.type !== 'ImportSpecifier' || specifier.importKind !== 'type') continue
        const next = node.specifiers[index + 1]
        const previous = node.specifiers[index - 1]
        if (next) remove({ start: specifier.start, end: next.start })
        else remove({ start: previous?.end ?? specifier.start, end: specifier.end })
      }
    },
    PropertyDefinition: (node) => {
      removeWords(node, node.key.start, /\b(?:declare|readonly|override|public|private|protected)\s+/g)
      if (!node.optional && !node.definite) return
      const mark = source.indexOf(node.optional ? '?' : '!', node.key.end)
      remove({ start: mark, end: mark + 1 })
    },
    MethodDefinition: (node) => {
      removeWords(node, node.key.start, /\b(?:override|public|private|protected)\s+/g)
    },
    Identifier: ({ start, name, ...node }) => {
      const { optional }: { optional?: boolean } = node
      if (!optional) return
      const mark = source.indexOf('?', start + name.length)
      remove({ start: mark, end: mark + 1 })
    },
  }).visit(program)

  function removeWords({ start }: Span, end: number, words: RegExp): void {
    for (const match of source.slice(start, end).matchAll(words))
      remove({ start: start + match.index, end: start + match.index + match[0].length })
  }

  const script = withoutSpans(source, removed)
  return script.replaceAll(/(from '|import\(')(\.{1,2}\/[^']*)\.ts(x?)'/g, "$1$2.js$3'")
}

/** Where the comments begin that stand directly above a position. */
function startWithComments(source: string, comments: Comment[], position: number): number {
  const above = comments.findLast(
    ({ end }) => end <= position && /^[ \t]*\n?[ \t]*$/.test(source.slice(end, position)),
  )
  return above ? startWithComments(source, comments, above.start) : position
}

const endOfLine = (source: string, position: number) => (source[position] === '\n' ? position + 1 : position)

function withoutSpans(source: string, spans: Span[]): string {
  let text = ''
  let position = 0
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (start < position) continue
    text += source.slice(position, start)
    position = end
  }
  return text + source.slice(position)
}
