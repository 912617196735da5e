import { lookup } from 'node:dns/promises'

/** What has to be done once on this machine before browsers and programs reach the authorization server over https. */
export async function httpsNotes(issuer: string, caFile: string): Promise<string[]> {
  const { hostname } = new URL(issuer)
  const isKnown = hostname === 'localhost' || (await isThisMachine(hostname))
  return [
    ...(isKnown ? [] : hostsNotes(hostname, process.platform)),
    ...trustNotes(caFile, issuer, process.platform),
  ]
}

async function isThisMachine(host: string): Promise<boolean> {
  const addresses = await lookup(host, { all: true }).catch(() => [])
  return addresses.length > 0 && addresses.every(({ address }) => /^127\.|^::1$/.test(address))
}

export function hostsNotes(host: string, platform: NodeJS.Platform): string[] {
  const file = platform === 'win32' ? String.raw`C:\Windows\System32\drivers\etc\hosts` : '/etc/hosts'
  return [
    `${host} does not lead to this machine yet: add this line to ${file}.`,
    '',
    `  127.0.0.1 ${host}`,
    '',
  ]
}

/** Commands to copy. `docs/guides/https.md` has them for every system. */
export function trustNotes(caFile: string, issuer: string, platform: NodeJS.Platform): string[] {
  const file = `"${caFile}"`
  const variable = (name: string) =>
    platform === 'win32' ? `$env:${name} = ${file}` : `export ${name}=${file}`
  return [
    'Browsers and programs have to trust the certificate authority of this folder (docs/guides/https.md):',
    '',
    row('Node', variable('NODE_EXTRA_CA_CERTS')),
    row('Python', variable('SSL_CERT_FILE')),
    row('curl', `curl --cacert ${file} ${issuer}healthz`),
    ...browsers(file, platform).map(([name, command]) => row(name, command)),
    '',
  ]
}

/** The name under which a store of certificates lists the authority. */
const nickname = 'Rolecall local authority'

function browsers(file: string, platform: NodeJS.Platform): [string, string][] {
  if (platform === 'win32') return [['Browsers', `certutil -user -addstore Root ${file}`]]
  if (platform === 'darwin')
    return [['Browsers', `security add-trusted-cert -k ~/Library/Keychains/login.keychain-db ${file}`]]
  const add = (store: string) => `certutil -d ${store} -A -t C,, -n "${nickname}" -i ${file}`
  return [
    ['Chromium', add('sql:$HOME/.pki/nssdb')],
    ['Firefox', `for p in ~/.mozilla/firefox/*.default*; do ${add('sql:$p')}; done`],
  ]
}

function row(name: string, command: string): string {
  return `  ${name.padEnd(10)}${command}`
}
