import { globSync } from 'node:fs'
import { chmod, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from '../install.js'
import { settingsTable } from '../settings/reference.ts'
import { buildIfStale, dashboardPart } from '../start/build.ts'

const server = 'apps/server'
/** Workspaces whose code is part of the package. */
const included = [server, 'apps/cli', 'packages/contract', 'packages/guard']
const own = '@rolecall/'

/**
 * Builds the package `rolecall` into a folder: the server and the command line as JavaScript, each file where its source is in
 * the repository, and the built dashboard. The contract and the guard are part of it, so that it needs no package that npm does not have.
 */
export async function buildServerPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const { version, license, engines } = await readJson(`${server}/package.json`)
  await compile(folder, version)
  const copied = [
    ...globSync(`${server}/{bin/*.js,src/pages/browser/*.js,src/**/*.{css,svg,txt}}`, { cwd: root }),
    'LICENSE',
  ]
  for (const file of copied) {
    await mkdir(join(folder, dirname(file)), { recursive: true })
    await copyFile(join(root, file), join(folder, file))
  }
  const readme = await readFile(join(root, server, 'README.md'), 'utf8')
  await writeFile(join(folder, 'README.md'), readme.replace('<!-- settings -->', settingsTable().trimEnd()))
  await chmod(join(folder, server, 'bin/rolecall.js'), 0o755)
  await buildIfStale(dashboardPart)
  await cp(dashboardPart.output, join(folder, 'apps/dashboard/dist'), {
    recursive: true,
    filter: (source) => !source.endsWith('.stamp'),
  })
  const published = {
    name: 'rolecall',
    version,
    description:
      'Role-based access control for APIs: an OpenID Connect server with a dashboard, on Auth0’s wire format',
    license,
    type: 'module',
    bin: { rolecall: `${server}/bin/rolecall.js` },
    exports: { './package.json': './package.json' },
    engines,
    dependencies: await exactDependencies(),
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
}

/** What the included workspaces need at run time, in the versions of the lock file, which are the ones that are tested. */
async function exactDependencies(): Promise<Record<string, string>> {
  const { packages } = await readJson('package-lock.json')
  const names = included.flatMap((workspace) =>
    Object.keys(packages[workspace].dependencies).map((name) => [name, workspace] as const),
  )
  const external = names.filter(([name]) => !name.startsWith(own))
  return Object.fromEntries(
    external
      .map(([name, workspace]): [string, string] => {
        const entry = packages[`${workspace}/node_modules/${name}`] ?? packages[`node_modules/${name}`]
        return [name, entry.version]
      })
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}

async function readJson(file: string) {
  return JSON.parse(await readFile(join(root, file), 'utf8'))
}

/** Removes the types. Files stay separate, so that they find each other, and stack traces name the sources. */
async function compile(folder: string, version: string): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    // The thread is started by its path.
    input: [`${server}/src/main.ts`, `${server}/src/store/sqlite/writer-thread.ts`, 'apps/cli/src/main.ts'],
    platform: 'node',
    treeshake: false,
    external: (id) => !id.startsWith('.') && !id.startsWith(own) && !isAbsolute(id),
    plugins: [
      {
        name: 'rolecall',
        // Of the manifest in the repository only the version is published.
        load: (id) => (id.endsWith(`${server}/package.json`) ? JSON.stringify({ version }) : null),
        transform: (code) =>
          code.replaceAll(
            /new URL\('(\.[^']*)\.ts', import\.meta\.url\)/g,
            "new URL('$1.js', import.meta.url)",
          ),
      },
    ],
  })
  await bundle.write({
    dir: folder,
    format: 'esm',
    preserveModules: true,
    preserveModulesRoot: root,
    entryFileNames: '[name].js',
    minifyInternalExports: false,
  })
  await bundle.close()
}
