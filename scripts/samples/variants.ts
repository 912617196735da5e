import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { runTool } from '../tool.ts'
import { toJavaScript } from './to-javascript.ts'

interface Variant {
  folder: string
  javascript: boolean
  /** React Router 6 in place of the current one. */
  routerSix: boolean
}

/** Clients that differ from `samples/spa-react` in one respect, and are derived from it. */
const variants: Variant[] = [
  { folder: 'spa-react-javascript', javascript: true, routerSix: false },
  { folder: 'spa-react-router-6', javascript: false, routerSix: true },
  { folder: 'spa-react-router-6-javascript', javascript: true, routerSix: true },
]

const origin = 'samples/spa-react'
const copied = ['.env.example', 'index.html', 'public/**', 'src/**', 'vite.config.ts', 'vite-plugins.ts']

/** Writes the derived clients below `target`, formatted. Returns the paths of their files relative to it. */
async function writeVariants(target: string): Promise<string[]> {
  const written: string[] = []
  for (const variant of variants) {
    for (const file of globSync(copied, { cwd: origin }).filter(isFile)) {
      const { path, text } = derive(variant, file, readFileSync(join(origin, file), 'utf8'))
      written.push(write(target, join(variant.folder, path), text))
    }
    for (const [path, value] of Object.entries(projectFiles(variant)))
      written.push(write(target, join(variant.folder, path), `${JSON.stringify(value, null, 2)}\n`))
  }
  // Biome takes the ignore file of the folder it works in, so it gets a configuration there without one.
  const {
    vcs: _,
    $schema: __,
    ...style
  }: Record<string, unknown> = JSON.parse(readFileSync('biome.json', 'utf8'))
  writeFileSync(join(target, 'biome.json'), JSON.stringify(style))
  const { passed, output } = await runTool('biome', ['format', '--write', '.'], { cwd: target })
  if (!passed) throw new Error(output)
  return written
}

/** Brings `samples/` up to date. Their lock files and README files are not derived. */
export async function updateVariants(): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await writeVariants(folder)
    for (const variant of variants) {
      const place = join('samples', variant.folder)
      for (const part of ['src', 'public']) rmSync(join(place, part), { recursive: true, force: true })
      cpSync(join(folder, variant.folder), place, { recursive: true })
    }
  })
}

/** Files of `samples/` that are not what deriving them gives, or that it does not give. */
export async function staleVariantFiles(): Promise<string[]> {
  return inTemporaryFolder(async (folder) => {
    const expected = await writeVariants(folder)
    const different = expected.filter((path) => {
      const present = globSync(join('samples', path)).length > 0
      return (
        !present || readFileSync(join('samples', path), 'utf8') !== readFileSync(join(folder, path), 'utf8')
      )
    })
    const leftOver = variants
      .flatMap((variant) => globSync(`${variant.folder}/src/**`, { cwd: 'samples' }))
      .filter((path) => extname(path) !== '' && !expected.includes(path))
    return [...different, ...leftOver].map((path) => join('samples', path))
  })
}

const twoRouterImports =
  "import { createBrowserRouter } from 'react-router'\nimport { RouterProvider } from 'react-router/dom'\n"

function derive({ javascript, routerSix }: Variant, file: string, source: string) {
  let text = source
  if (routerSix)
    text = text
      .replace(twoRouterImports, "import { createBrowserRouter, RouterProvider } from 'react-router-dom'\n")
      .replaceAll("from 'react-router'", "from 'react-router-dom'")
  const language = /\.(tsx?)$/.exec(file)?.[1]
  if (!javascript) return { path: file, text }
  if (file === 'index.html') return { path: file, text: text.replace('main.tsx', 'main.jsx') }
  if (language !== 'ts' && language !== 'tsx') return { path: file, text }
  return { path: file.replace(/\.ts(x?)$/, '.js$1'), text: toJavaScript(text, language) }
}

/** The files that a standalone client needs. `samples/spa-react` has them from the repository. */
function projectFiles({ folder, javascript, routerSix }: Variant): Record<string, unknown> {
  const {
    dependencies,
    devDependencies,
  }: Record<string, Record<string, string>> = JSON.parse(readFileSync(join(origin, 'package.json'), 'utf8'))
  const { 'react-router': router, ...shared } = dependencies ?? {}
  const { vite, '@vitejs/plugin-react': plugin, ...others } = devDependencies ?? {}
  const manifest = {
    name: `@rolecall/sample-${folder}`,
    version: '0.1.0',
    private: true,
    license: 'Apache-2.0',
    type: 'module',
    scripts: {
      start: 'vite',
      build: 'vite build',
      ...(!javascript && { check: 'tsc' }),
      preview: 'vite preview',
    },
    dependencies: {
      ...shared,
      ...(routerSix ? { 'react-router-dom': '^6.30.1' } : { 'react-router': router }),
    },
    devDependencies: {
      ...(!javascript && {
        '@types/node': '^24.19.2',
        '@types/react': others['@types/react'],
        '@types/react-dom': others['@types/react-dom'],
      }),
      '@vitejs/plugin-react': plugin,
      ...(!javascript && { typescript: '~6.0.3' }),
      vite,
    },
  }
  return { 'package.json': manifest, ...(!javascript && { 'tsconfig.json': tsconfig }) }
}

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable'],
    module: 'esnext',
    moduleResolution: 'bundler',
    jsx: 'react-jsx',
    types: ['node', 'vite/client'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['*.ts', 'src'],
}

const isFile = (path: string) => extname(path) !== '' || path.startsWith('.')

function write(target: string, path: string, text: string): string {
  mkdirSync(dirname(join(target, path)), { recursive: true })
  writeFileSync(join(target, path), text)
  return path
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-samples-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
