import { createHash, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import * as der from './der.ts'

export interface CertificateRequest {
  commonName: string
  publicKey: KeyObject
  /** Who vouches for it; the certificate's own key makes it self-signed. */
  issuer: { commonName: string; privateKey: KeyObject }
  notBefore: number
  notAfter: number
  /** A certificate authority may sign others, but no further authorities. */
  authority?: boolean
  /** Host names and addresses a TLS server answers for. */
  hosts?: string[]
}

const oid = {
  sha256WithRsa: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
}

/** Issues an X.509 v3 certificate (RFC 5280 §4.1), signed with SHA-256 by an RSA or P-256 key; DER. */
export function issueCertificate(request: CertificateRequest): Buffer {
  const { issuer } = request
  const algorithm =
    issuer.privateKey.asymmetricKeyType === 'rsa'
      ? der.sequence(der.objectIdentifier(oid.sha256WithRsa), der.nothing)
      : der.sequence(der.objectIdentifier(oid.ecdsaWithSha256))
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(2)),
    serialNumber(),
    algorithm,
    name(issuer.commonName),
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    name(request.commonName),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions(request))),
  )
  return der.sequence(toBeSigned, algorithm, der.bitString(sign('sha256', toBeSigned, issuer.privateKey)))
}

export function toPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** A certificate in a PKCS #7 envelope that signs nothing (RFC 2315 §9.1), as some SAML software wants it; DER. */
export function wrapInPkcs7(certificate: Buffer): Buffer {
  return der.sequence(
    der.objectIdentifier(oid.signedData),
    der.explicit(
      0,
      der.sequence(
        der.integer(1),
        der.set(),
        der.sequence(der.objectIdentifier(oid.data)),
        der.explicit(0, certificate),
        der.set(),
      ),
    ),
  )
}

/** `thumbprint`: SHA-1 of the DER bytes, the `x5t` of a JWK (RFC 7517 §4.8). */
export function describeCertificate(pem: string): {
  der: Buffer
  thumbprint: string
  fingerprint: string
  x5t: string
} {
  const certificate = new X509Certificate(pem)
  const digest = createHash('sha1').update(certificate.raw).digest()
  return {
    der: certificate.raw,
    thumbprint: digest.toString('hex').toUpperCase(),
    fingerprint: certificate.fingerprint,
    x5t: digest.toString('base64url'),
  }
}

/** 127 random bits: positive, and unique without a register. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return der.integer(bytes)
}

function name(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier(oid.commonName), der.utf8String(commonName))))
}

function extensions({ publicKey, issuer, authority = false, hosts = [] }: CertificateRequest): Buffer[] {
  const [digitalSignature, certificateSigning] = [0x80, 0x06]
  const list = [
    extension(
      oid.basicConstraints,
      der.sequence(...(authority ? [der.bool(true), der.integer(0)] : [])),
      true,
    ),
    extension(
      oid.keyUsage,
      authority
        ? der.bitString(Buffer.from([certificateSigning]), 1)
        : der.bitString(Buffer.from([digitalSignature]), 7),
      true,
    ),
    extension(oid.subjectKeyIdentifier, der.octetString(keyIdentifier(publicKey))),
    extension(
      oid.authorityKeyIdentifier,
      der.sequence(der.implicit(0, keyIdentifier(createPublicKey(issuer.privateKey)))),
    ),
  ]
  if (hosts.length > 0) {
    list.push(extension(oid.extendedKeyUsage, der.sequence(der.objectIdentifier(oid.serverAuth))))
    list.push(extension(oid.subjectAltName, der.sequence(...hosts.map(alternativeName))))
  }
  return list
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return der.sequence(der.objectIdentifier(id), ...(critical ? [der.bool(true)] : []), der.octetString(value))
}

/** RFC 7093 §2, method 1: the leftmost 160 bits of the SHA-256 of the key. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20)
}

/** dNSName is [2], iPAddress is [7] (RFC 5280 §4.2.1.6). */
function alternativeName(host: string): Buffer {
  const family = isIP(host)
  if (family === 0) return der.implicit(2, Buffer.from(host))
  return der.implicit(7, family === 4 ? Buffer.from(host.split('.').map(Number)) : ipv6Bytes(host))
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [
    ...groups(head),
    ...Array<string>(address.includes('::') ? missing : 0).fill('0'),
    ...groups(tail),
  ]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
