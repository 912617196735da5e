import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from './values.ts'

/**
 * Creates a folder and those above it, readable by this user alone. A folder that exists stays as it is.
 * Node's own `recursive` never returns where a file system refuses every new folder with ENOENT, as /proc does.
 */
export function makePrivateFolder(folder: string): void {
  if (isFolder(folder)) return
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have created it in between.
    if (isFolder(folder)) return
    if (codeOf(error) !== 'ENOENT' || isFolder(dirname(folder))) throw error
    makePrivateFolder(dirname(folder))
    makePrivateFolder(folder)
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
