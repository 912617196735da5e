/**
 * A package with native parts names one optional package per system, and npm 11 refuses a lock file that lacks any of
 * them. npm cannot record one that its registry did not offer when the lock file was written, so `npm run lock` adds
 * those by name: nothing is installed on this system, and the system they are for checks them when it installs.
 */
export interface LockEntry {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  resolved?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

export type LockPackages = Record<string, LockEntry>

/** Entries that the lock file should have and does not, by path. */
export function missingPlatforms(packages: LockPackages): LockPackages {
  const missing: LockPackages = {}
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages))
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const system = parseSystem(name)
      if (!system || candidates(path, name).some((place) => packages[place])) continue
      missing[`node_modules/${name}`] = { version, ...system.cpu, ...(dev && { dev }), ...system.rest }
    }
  return missing
}

/** Where Node looks for `name` from the package at `path`, nearest first. */
function candidates(path: string, name: string): string[] {
  const folders = path.split('/node_modules/')
  return folders
    .map(
      (_, depth) => `${folders.slice(0, folders.length - depth).join('/node_modules/')}/node_modules/${name}`,
    )
    .concat(`node_modules/${name}`)
}

/** `@scope/tool-linux-arm64-musl` → linux, arm64, musl. Undefined for a name that is no platform's. */
function parseSystem(name: string) {
  const parts =
    /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(gnu|musl))?/.exec(
      name,
    )
  if (!parts?.[1] || !parts[2]) return undefined
  const libc = parts[3] && { libc: [parts[3] === 'gnu' ? 'glibc' : 'musl'] }
  // Some packages spell win32, Node's name for the system, as windows.
  const os = parts[1] === 'windows' ? 'win32' : parts[1]
  return { cpu: { cpu: [parts[2]] }, rest: { ...libc, optional: true, os: [os] } }
}
