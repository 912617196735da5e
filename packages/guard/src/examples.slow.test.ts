import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/*
 * The examples in the documentation comments: there is one for every published export, and for every function and class
 * within the package; all compile, and all run. `expression // => value` is asserted.
 *
 * An example may use names that it does not declare: those of the file that it documents, and those of `context`.
 */

const source = import.meta.dirname
const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

interface Export {
  file: string
  kind: string
  name: string
  comment: string | undefined
}

const files = globSync('**/*.ts', { cwd: source })
  .filter((file) => !/\.test\.ts$|^conformance\//.test(file))
  .toSorted()
const texts = new Map<string, string>()
for (const file of files) texts.set(file, await readFile(join(source, file), 'utf8'))

const exported: Export[] = [...texts].flatMap(([file, text]) =>
  [
    ...text.matchAll(
      /(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?^export (?:abstract )?(?:async )?(class|function|const|interface|type) (\w+)/gm,
    ),
  ].map(([, comment, kind = '', name = '']) => ({ file, kind, name, comment })),
)

const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
const entryPoints = new Set(Object.values<string>(manifest.exports).map((path) => path.replace('./src/', '')))
/** `file name` of each published export: what an entry point exports itself, and what it exports from other files. */
const published = new Set(
  exported.filter(({ file }) => entryPoints.has(file)).map(({ file, name }) => `${file} ${name}`),
)
for (const [file, text] of texts) {
  if (!entryPoints.has(file)) continue
  for (const [, names = '', from = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']*)'/gm))
    for (const [name] of names.matchAll(/\b(?!type\b)\w+/g))
      published.add(`${join(dirname(file), from)} ${name}`)
}

/** What an example may use without declaring it. One module, so that all examples share one issuer. */
const context = `
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createGuard } from '@rolecall/guard'
import { createTestIssuer } from '@rolecall/guard/testing'

export const issuer = await createTestIssuer()
export const guard = createGuard({ issuer: issuer.issuer, audience: issuer.audience, keys: issuer.keys })
export const token = await issuer.token({ permissions: ['read:messages'] })
export const subject = await guard.verify(token)
export const view = () => ({ method: 'GET', path: '/', params: {}, request: undefined })
export const response = new ServerResponse(new IncomingMessage(new Socket()))
`
const contextNames = [...context.matchAll(/^export const (\w+)/gm)].map(([, name = '']) => name)

/** `app` is an application of the framework that the file is for. */
function appFor(file: string): string[] {
  if (file.includes('express')) return [`import express from 'express'`, `const app = express()`]
  if (file.includes('hono')) return [`import { Hono as App } from 'hono'`, `const app = new App()`]
  if (file.includes('nest'))
    return [
      `import 'reflect-metadata'`,
      `import { Module } from '@nestjs/common'`,
      `import { NestFactory } from '@nestjs/core'`,
      `class App {}`,
      `Module({})(App)`,
      `const app = await NestFactory.create(App, { logger: false })`,
    ]
  return [`import '@rolecall/guard/routes'`, `import Fastify from 'fastify'`, `const app = Fastify()`]
}

/** The program of an example: what it uses and does not declare, and its `// =>` turned into assertions. */
function programOf({ file, name }: Export, example: string): string {
  const isNeeded = (word: string): boolean => {
    const isUsed = new RegExp(`(?<![.\\w'/])${word}\\b(?!:)`).test(example)
    const isDeclared = new RegExp(
      `(?:const|class|import|import type) (?:${word}\\b|\\{[^}]*\\b${word}\\b(?!:)[^}]*\\})`,
    ).test(example)
    return isUsed && !isDeclared
  }
  const code = example.replaceAll(
    /^(\s*)(?!\/\/)(\S.*?) \/\/ => (.+)$/gm,
    (_line, indent: string, actual: string, expected: string) =>
      `${indent}assert.deepEqual(await (${actual}), ${expected})`,
  )
  return [
    `// ${file}: ${name}`,
    `import assert from 'node:assert/strict'`,
    ...exported
      .filter((one) => one.file === file && isNeeded(one.name))
      .map((one) => `import { ${one.kind === 'type' ? 'type ' : ''}${one.name} } from '../src/${file}'`),
    ...contextNames.filter(isNeeded).map((word) => `import { ${word} } from './context.ts'`),
    ...(isNeeded('app') ? appFor(file) : []),
    code,
    'assert.ok(true)',
    '',
  ].join('\n')
}

describe('documentation comments', () => {
  test('every export has one', () => {
    const missing = exported.filter(({ comment }) => comment === undefined)
    // Overloads of a function share the comment of the first.
    const undocumented = missing.filter(
      ({ file, name }) => !exported.some((one) => one.file === file && one.name === name && one.comment),
    )
    assert.deepEqual(
      undocumented.map(({ file, name }) => `${file} ${name}`),
      [],
    )
  })

  test('every published export has an example, and so has every function and class', () => {
    const found = new Set(exported.map(({ file, name }) => `${file} ${name}`))
    assert.deepEqual(
      [...published].filter((name) => !found.has(name)),
      [],
    )
    const lacking = exported
      .filter(({ comment }) => comment !== undefined && !comment.includes('@example'))
      .filter(({ file, name, kind }) => published.has(`${file} ${name}`) || /class|function/.test(kind))
    assert.deepEqual(
      lacking.map(({ file, name }) => `${file} ${name}`),
      [],
    )
  })

  describe('examples', () => {
    const examples = exported.flatMap((one) =>
      [...(one.comment ?? '').matchAll(/@example\n \* ```ts\n([^]*?)\n \* ```/g)].map(([, body = '']) => ({
        documented: one,
        code: body.replaceAll(/^ \* ?/gm, ''),
      })),
    )
    let folder: string
    const programs = new Map<string, string>()

    before(async () => {
      folder = await mkdtemp(join(source, '../.examples-'))
      for (const { documented, code } of examples) {
        const name = `${documented.file.replaceAll(/[/\\]|\.ts$/g, '-')}${documented.name}.ts`
        programs.set(name, programOf(documented, code))
      }
      programs.set('context.ts', context)
      for (const [name, program] of programs) await writeFile(join(folder, name), program)
      await writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: '../../../tsconfig.base.json',
          compilerOptions: {
            experimentalDecorators: true,
            emitDecoratorMetadata: true,
            erasableSyntaxOnly: false,
            noUnusedLocals: false,
            rewriteRelativeImportExtensions: false,
            skipLibCheck: true,
            noEmit: true,
          },
          include: ['*.ts', '../src/conformance/express4.d.ts'],
        }),
      )
    })
    after(() => rm(folder, { recursive: true, force: true }))

    test('each has at most eight lines', () => {
      const long = examples.filter(({ code }) => code.split('\n').length > 8)
      assert.deepEqual(
        long.map(({ documented }) => `${documented.file} ${documented.name}`),
        [],
      )
    })

    test('all compile', { timeout: 300_000 }, async () => {
      await promisify(execFile)(process.execPath, [compiler, '-p', join(folder, 'tsconfig.json')]).catch(
        (failure: { stdout: string }) => assert.fail(failure.stdout),
      )
    })

    test('all run, and what they say they return is what they return', { timeout: 300_000 }, async (t) => {
      t.mock.method(console, 'log', () => {})
      for (const [name, program] of programs) {
        // Node runs TypeScript by removing types; a decorator is more than a type.
        if (/[\s(]@\w+\(/.test(program)) continue
        await assert.doesNotReject(import(pathToFileURL(join(folder, name)).href), name)
      }
      assert.ok(programs.size > 60)
    })
  })
})
