import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { sha256 } from '../crypto/secrets.ts'

/** What the pages load. The name holds the hash of the content, so a browser may keep it for good. */
export const assets = {
  stylesheet: load('pages.css', 'text/css; charset=utf-8'),
  icon: load('mark.svg', 'image/svg+xml'),
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
          // The pages are same-origin with what they load, also where the application that shows them is not.
          'cross-origin-resource-policy': 'same-origin',
        })
        .send(content),
    )
}

function load(file: string, type: string) {
  const content = readFileSync(new URL(file, import.meta.url), 'utf8')
  const [name, extension] = file.split('.')
  return { path: `/_assets/${name}.${sha256(content).slice(0, 12)}.${extension}`, type, content }
}
