// Serves the page of an SDK for browsers. Usage: node page.js <script of the SDK> <page>
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { apiUrl, audience, clientId, issuer, port } from './settings.js'

const [sdk, page] = process.argv.slice(2)
const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url))
const settings = { issuer, clientId, audience, apiUrl, isFirst: sdk.includes('auth0-spa-js-v1') }
const scripts = {
  '/sdk.js': read(`node_modules/${sdk}`),
  '/settings.js': `const settings = ${JSON.stringify(settings)}`,
  '/page.js': read('pages/page.js'),
  '/app.js': read(`pages/${page}.js`),
}
const html = `<!doctype html><title>${page}</title><pre></pre>${Object.keys(scripts)
  .map((path) => `<script src="${path}"></script>`)
  .join('')}`

createServer((request, response) => {
  const script = scripts[request.url]
  response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
  response.end(script ?? html)
}).listen(port, 'localhost')
