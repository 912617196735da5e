import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../install.js'
import { runTool } from '../tool.ts'
import { buildServerPackage } from './server.ts'

/** Builds `@rolecall/guard` into the folder. @returns the path of the tarball */
export async function packGuard(destination: string): Promise<string> {
  const folder = join(destination, 'guard')
  const build = await runTool(process.execPath, [join(root, 'packages/guard/scripts/build.ts'), folder])
  if (!build.passed) throw new Error(build.output)
  return pack(folder, destination)
}

/** Builds `rolecall` into the folder. @returns the path of the tarball */
export async function packServer(destination: string): Promise<string> {
  const folder = join(destination, 'rolecall')
  await buildServerPackage(folder)
  return pack(folder, destination)
}

async function pack(folder: string, destination: string): Promise<string> {
  await mkdir(destination, { recursive: true })
  const args = ['pack', folder, '--pack-destination', destination, '--json', '--loglevel=error']
  const { passed, output } = await runTool('npm', args, { cwd: root })
  if (!passed) throw new Error(output)
  const [{ filename }] = JSON.parse(output)
  return join(destination, filename)
}
