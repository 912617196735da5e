import { existsSync, globSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartProblem } from '../start/problem.ts'

/** Paths of the programs of Debian's packages. */
export interface Programs {
  etcd: string
  patroni: string
  haproxy: string
  /** Folder of the programs of PostgreSQL, of the newest version that is installed. */
  postgres: string
  pgbouncer?: string
  /** A library that changes the clock of one process. */
  faketime?: string
}

interface Wanted {
  pgbouncer: boolean
}

/** @throws {StartProblem} that names the packages which are missing */
export function requirePrograms(wanted: Wanted): Programs {
  const { programs, missing } = findPrograms(wanted)
  if (programs) return programs
  const names = missing.join(' ')
  throw new StartProblem(
    `These Debian packages are missing: ${missing.join(', ')}. Install them with \`apt-get install --no-install-recommends ${names}\`.`,
  )
}

/** @returns the programs, or the packages that are missing */
export function findPrograms(wanted: Wanted): { programs?: Programs; missing: string[] } {
  const etcd = found('/usr/bin/etcd')
  const patroni = found('/usr/bin/patroni')
  const haproxy = found('/usr/sbin/haproxy')
  const pgbouncer = found('/usr/sbin/pgbouncer')
  const faketime = globSync('/usr/lib/*/faketime/libfaketime.so.1')[0]
  const postgres = globSync('/usr/lib/postgresql/*/bin/postgres')
    .toSorted((one, other) => versionOf(one) - versionOf(other))
    .at(-1)
  if (etcd && patroni && haproxy && postgres && (pgbouncer || !wanted.pgbouncer))
    return {
      programs: {
        etcd,
        patroni,
        haproxy,
        postgres: dirname(postgres),
        ...(pgbouncer && { pgbouncer }),
        ...(faketime && { faketime }),
      },
      missing: [],
    }
  const packages = {
    patroni,
    'etcd-server': etcd,
    haproxy,
    postgresql: postgres,
    ...(wanted.pgbouncer && { pgbouncer }),
  }
  return {
    missing: Object.entries(packages).flatMap(([name, path]) => (path === undefined ? [name] : [])),
  }
}

const found = (path: string) => (existsSync(path) ? path : undefined)
const versionOf = (path: string) => Number(path.split('/')[4])
