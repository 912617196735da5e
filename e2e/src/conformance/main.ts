// `npm run conformance`: tries published SDKs and tools against a running system, and writes docs/compatibility.md.
import { parseArgs } from 'node:util'
import { InstallError, install, isInstalled } from '../../../scripts/install.js'
import { clientNames } from '../../../scripts/start/clients.ts'
import { issuerNames, tryIssuers } from './issuers.ts'
import { folder } from './programs.ts'
import { Run } from './run.ts'
import { subjects } from './subjects.ts'
import { type Row, writeTable } from './table.ts'

const help = `npm run conformance -- [options]

Tries the ten clients over http and https, published SDKs and tools, and the client and the API at other issuers, each against
a running system. The first run installs the SDKs in e2e/conformance. Writes docs/compatibility.md, and fails when it changed.

  --only <name>  try only the rows whose name contains this; may be given several times
  --list         print the names
  --help         this text`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const order: [Row['section'], string][] = [
  ...clientNames.map((name): [Row['section'], string] => ['clients', name]),
  ...subjects.map(({ name }): [Row['section'], string] => ['sdks', name]),
  ...issuerNames.map((name): [Row['section'], string] => ['issuers', name]),
]

if (values.help) console.log(help)
else if (values.list) console.log(order.map(([, name]) => name).join('\n'))
else process.exitCode = await tryAll()

async function tryAll(): Promise<number> {
  const isWanted = (name: string) =>
    values.only.length === 0 || values.only.some((part) => name.toLowerCase().includes(part.toLowerCase()))
  if (!order.some(([, name]) => isWanted(name))) {
    console.error(`Nothing is called ${values.only.join(' or ')}: see --list.`)
    return 1
  }
  const installed = await installSdks()
  const run = new Run(installed)
  try {
    await run.clients(clientNames.filter(isWanted))
    await run.sdks(subjects.filter(({ name }) => isWanted(name)))
    const issuers = issuerNames.filter(isWanted)
    if (issuers.length > 0) await tryIssuers(run, issuers)
  } finally {
    await run.close()
  }
  const changed = writeTable(run.rows, order)
  if (changed.length === 0) {
    console.log('docs/compatibility.md is as it was.')
    return 0
  }
  console.log(`docs/compatibility.md changed: ${changed.join(', ')}.`)
  return 1
}

/** @returns why they could not be installed */
async function installSdks(): Promise<string | undefined> {
  if (isInstalled(folder)) return undefined
  try {
    await install(folder, 'the SDKs')
    return undefined
  } catch (error) {
    if (error instanceof InstallError) return error.message
    throw error
  }
}
