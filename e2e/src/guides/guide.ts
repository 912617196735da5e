import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { root } from '../start/launcher.ts'

/** What a guide makes its reader do: commands to run, and files to save before the last of them. */
export interface Guide {
  /** Before the files are needed: installations, and compilers. */
  setUp: string[]
  /** The last command, which runs what the guide is about. */
  program: string
  files: Map<string, string>
}

const fence = /^```(\w+)(?: (\w+))?\n([^]*?)^```$/gm
const fileName = /^(?:\/\/|#|<!--) ([\w./[\]-]+\.\w+)(?: -->)?$/

/**
 * The blocks of a document. A block of code begins with a comment that names its file, or continues the file before it. A second
 * word after the language (`ts before`) marks a block that the reader is not asked to run.
 */
export async function readGuide(document: string): Promise<Guide> {
  const text = await readFile(join(root, document), 'utf8')
  const commands: string[] = []
  const files = new Map<string, string>()
  let current = ''
  for (const [, language, variant, body = ''] of text.matchAll(fence)) {
    if (variant !== undefined) continue
    if (language === 'sh') commands.push(...body.replaceAll('\\\n', ' ').trim().split('\n'))
    else {
      current = fileName.exec(body.split('\n', 1)[0] ?? '')?.[1] ?? current
      assert.ok(current, `${document}: the first block of code names no file`)
      files.set(current, `${files.get(current) ?? ''}${body}`)
    }
  }
  const program = commands.pop() ?? ''
  return { setUp: commands, program, files }
}

/** All blocks of a kind as one text: `ts`, or `ts before`. */
export async function codeOf(document: string, kind: string): Promise<string> {
  const text = await readFile(join(root, document), 'utf8')
  const blocks = [...text.matchAll(fence)].filter(
    ([, language, variant]) => kind === (variant === undefined ? language : `${language} ${variant}`),
  )
  assert.ok(blocks.length > 0, `${document} has no block ${kind}`)
  return blocks.map(([, , , body]) => body).join('\n')
}

/** Saves the files of a guide, in a folder that is empty. */
export async function saveFiles(folder: string, files: Map<string, string>): Promise<void> {
  for (const [name, content] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}
