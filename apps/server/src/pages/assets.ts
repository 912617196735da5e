import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sha256 } from '../crypto/secrets.ts'

/** The files that pages load. Their names contain the hash of their content, so that browsers may cache them for ever. */
export const assets = {
  stylesheet: load('pages.css', 'text/css; charset=utf-8'),
  icon: load('mark.svg', 'image/svg+xml'),
  /** The only script, of the pages that ask for a security key or a passkey. */
  keys: load('browser/keys.js', 'text/javascript; charset=utf-8'),
}

/** Serves the assets of the pages. */
export function pageAssets(app: FastifyInstance): void {
  for (const { path, type, content } of Object.values(assets))
    app.get(path, (_request, reply) =>
      reply
        .headers({
          'cache-control': 'public, max-age=31536000, immutable',
          'content-type': type,
          'x-content-type-options': 'nosniff',
          // The pages load them from their own origin, even in a window of an application's origin.
          'cross-origin-resource-policy': 'same-origin',
        })
        .send(content),
    )
}

function load(file: string, type: string) {
  const content = readFileSync(new URL(file, import.meta.url), 'utf8')
  const [name, extension] = basename(file).split('.')
  return { path: `/_assets/${name}.${sha256(content).slice(0, 12)}.${extension}`, type, content }
}
