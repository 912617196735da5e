/** What a command reads and writes besides files and the network. `main.ts` makes it of the process, tests of arrays. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly folder: string
  /** The result, to standard output. A line break is added. */
  print: (text: string) => void
  /** Progress, questions and warnings, to standard error. A line break is added. */
  note: (text: string) => void
  /** Opens a page in the browser. @returns whether a browser was started */
  open: (url: string) => Promise<boolean>
  /** Waits before something is tried again. */
  wait: (ms: number) => Promise<void>
}

/** Prints JSON for programs (`--json`), or the text for people. */
export function printResult(
  terminal: Terminal,
  asJson: boolean | undefined,
  json: unknown,
  text: () => string,
): void {
  terminal.print(asJson ? JSON.stringify(json, null, 2) : text())
}

/** Columns of text, separated by two spaces. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return rows.map(line).join('\n')
}

/**
 * Text of a tenant in one line: control characters and invisible characters that reorder text could change what a
 * terminal shows (CWE-150).
 */
export function safe(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
}
