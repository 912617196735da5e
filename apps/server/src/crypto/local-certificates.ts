import { createPrivateKey, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makePrivateFolder } from '../store/private-folder.ts'
import { issueCertificate } from './certificate.ts'

/** The files that a server on this machine needs for https. */
export interface LocalCertificates {
  /** The certificate that clients have to trust: `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, or the browser's store. PEM. */
  caFile: string
  certFile: string
  keyFile: string
}

const generate = promisify(generateKeyPair)
const defaultHosts = ['localhost', '127.0.0.1', '::1']
const msPerDay = 86_400_000
/** Longer than 825 days, Apple's systems refuse a server's certificate. */
const lifetimeDays = 800
const renewBeforeDays = 30

/**
 * Creates an authority and one certificate signed by it, unless usable ones exist. The private key of the authority is
 * not stored, so a client that trusts the authority trusts this certificate alone.
 * @param hosts names and addresses in addition to localhost; a change creates a new authority
 */
export async function ensureLocalCertificates(
  folder: string,
  { hosts = [], now = Date.now() }: { hosts?: string[]; now?: number } = {},
): Promise<LocalCertificates> {
  const files: LocalCertificates = {
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, 'server.pem'),
    keyFile: join(folder, 'server.key'),
  }
  const all = [...new Set([...defaultHosts, ...hosts])]
  if (await areUsable(files, all, now)) return files
  makePrivateFolder(folder)
  const { ca, certificate, key } = await makeCertificates(all, now)
  await put(files.keyFile, key, 0o600)
  await put(files.certFile, certificate, 0o644)
  await put(files.caFile, ca, 0o644)
  return files
}

async function makeCertificates(hosts: string[], now: number) {
  const authority = await generate('ec', { namedCurve: 'P-256' })
  const server = await generate('ec', { namedCurve: 'P-256' })
  const issuer = {
    // Two authorities must not have the same name: a program that trusts both would check a signature with the wrong key.
    commonName: `Rolecall local authority ${new Date(now).toISOString().slice(0, 10)} ${randomBytes(4).toString('hex')}`,
    privateKey: authority.privateKey,
  }
  // A client whose clock is behind must not find them not yet valid.
  const validity = { notBefore: now - msPerDay, notAfter: now + lifetimeDays * msPerDay }
  const ca = await issueCertificate({
    commonName: issuer.commonName,
    publicKey: authority.publicKey,
    issuer,
    authority: true,
    ...validity,
  })
  const certificate = await issueCertificate({
    commonName: hosts[0] ?? 'localhost',
    publicKey: server.publicKey,
    issuer,
    hosts,
    ...validity,
  })
  return {
    ca: ca.pem,
    certificate: certificate.pem,
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

async function areUsable({ caFile, certFile, keyFile }: LocalCertificates, hosts: string[], now: number) {
  try {
    const authority = new X509Certificate(await readFile(caFile))
    const certificate = new X509Certificate(await readFile(certFile))
    const key = createPrivateKey(await readFile(keyFile))
    return (
      certificate.checkIssued(authority) &&
      certificate.verify(authority.publicKey) &&
      certificate.checkPrivateKey(key) &&
      certificate.validToDate.getTime() - renewBeforeDays * msPerDay > now &&
      hosts.every((host) => (certificate.checkHost(host) ?? certificate.checkIP(host)) !== undefined)
    )
  } catch {
    return false
  }
}

/** Replaces the file atomically. */
async function put(file: string, content: string, mode: number): Promise<void> {
  const draft = `${file}.new`
  await writeFile(draft, content, { mode })
  await rename(draft, file)
}
