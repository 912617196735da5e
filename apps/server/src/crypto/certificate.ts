import { createHash, type KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

export interface CertificateRequest {
  commonName: string
  publicKey: KeyObject
  /** The signer. With the certificate's own key it is self-signed. */
  issuer: { commonName: string; privateKey: KeyObject }
  /** Epoch milliseconds. */
  notBefore: number
  notAfter: number
  /** A certificate authority, which may sign certificates but no further authorities. */
  authority?: boolean
  /** Host names and addresses of a TLS server. */
  hosts?: string[]
}

export interface IssuedCertificate {
  der: Buffer
  pem: string
  /** The certificate in a PKCS #7 envelope that signs nothing (RFC 2315 §9.1), as some SAML software requires it; PEM. */
  pkcs7: string
}

/** Issues an X.509 v3 certificate (RFC 5280 §4.1), signed by an RSA, P-256 or Ed25519 key. */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  const x509 = await load()
  const { issuer, authority = false, hosts = [] } = request
  const algorithm = certificateAlgorithm(issuer.privateKey)
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    issuer.privateKey.export({ type: 'pkcs8', format: 'der' }),
    algorithm,
    false,
    ['sign'],
  )
  const publicKey = new x509.PublicKey(request.publicKey.export({ type: 'spki', format: 'der' }))
  const usage = authority ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [request.commonName] }],
    issuer: [{ CN: [issuer.commonName] }],
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(authority, authority ? 0 : undefined, true),
      new x509.KeyUsagesExtension(usage, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(hosts.length > 0
        ? [
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
            new x509.SubjectAlternativeNameExtension(
              hosts.map((host) => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host })),
            ),
          ]
        : []),
    ],
  })
  return {
    der: Buffer.from(certificate.rawData),
    pem: `${certificate.toString('pem')}\n`,
    pkcs7: `${new x509.X509Certificates(certificate).export('pem')}\n`,
  }
}

function certificateAlgorithm({ asymmetricKeyType }: KeyObject) {
  switch (asymmetricKeyType) {
    case 'rsa':
      return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    case 'ed25519':
      return { name: 'Ed25519' }
    default:
      return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  }
}

/** Loads the library when it is needed, because it is large and certificates are made rarely. */
async function load() {
  await import('reflect-metadata')
  return import('@peculiar/x509')
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
