import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { html, markup } from '../../http/html.ts'
import { assets, pageAssets } from '../../pages/assets.ts'
import { keyScript, pageHeaders } from '../../pages/headers.ts'
import { gallery, usual } from './testing.ts'

test('a template escapes what is filled in, and keeps what is markup', () => {
  const hostile = `<script>"'&</script>`
  assert.equal(
    html`<p title="${hostile}">${hostile}</p>`.text,
    '<p title="&#60;script&#62;&#34;&#39;&#38;&#60;/script&#62;">&#60;script&#62;&#34;&#39;&#38;&#60;/script&#62;</p>',
  )
  assert.equal(
    html`<p>${markup('<b>')}${html`<i>${1}</i>`}${[html`a`, html`b`]}${false}${undefined}${null}</p>`.text,
    '<p><b><i>1</i>ab</p>',
  )
})

const hostile = '"><img src=x onerror=alert(1)><!--\'&${}`'
const escaped = '&#34;&#62;&#60;img src=x onerror=alert(1)&#62;&#60;!--&#39;&#38;${}`'

for (const [name, text] of Object.entries(
  gallery({ tenant: hostile, application: hostile, email: hostile, permission: hostile }),
))
  test(`"${name}" lets nothing through that somebody typed (CVE-2022-1274)`, () => {
    assert.ok(text.includes(escaped))
    assert.ok(!text.includes('<img'))
    assert.ok(!text.includes('<!--'))
  })

for (const [name, text] of Object.entries(gallery(usual)))
  test(`"${name}" is a whole document without a style or anything foreign, and no script but that for keys`, () => {
    assert.match(text, /^<!doctype html>\n<html lang="en">/)
    assert.match(text, /<title>[^<]+ · Rolecall<\/title>/)
    assert.equal(text.match(/<h1>/g)?.length, 1)
    assert.equal(text.match(/<main/g)?.length, 1)
    const script = `<script type="module" src="${assets.keys.path}"></script>`
    assert.equal(text.includes(script), text.includes(' data-key="'))
    assert.doesNotMatch(text.replace(script, ''), /<script|<style|\sstyle=|\son\w+=|javascript:/i)
    for (const [, url = ''] of text.matchAll(/<(?:link|img|input)[^>]*(?:href|src)="([^"]+)"/g))
      assert.match(url, /^\/_assets\//)
    assert.ok((text.match(/ autofocus/g)?.length ?? 0) <= 1)
  })

for (const [name, text] of Object.entries(gallery(usual)))
  test(`"${name}" names its fields, and every description it refers to is there (WCAG 1.3.1, 3.3.1)`, () => {
    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    assert.equal(ids.size, text.match(/ id="/g)?.length ?? 0, 'an id occurs twice')
    for (const [input] of text.matchAll(/<input(?![^>]*type="hidden")(?![^>]* hidden)[^>]*>/g)) {
      const id = / id="([^"]+)"/.exec(input)?.[1]
      assert.ok(text.includes(`<label for="${id}">`), input)
      assert.match(input, / autocomplete="/)
      for (const described of / aria-describedby="([^"]+)"/.exec(input)?.[1]?.split(' ') ?? [])
        assert.ok(ids.has(described), described)
    }
    for (const [form] of text.matchAll(/<form[^>]*>/g)) assert.match(form, /method="post"/)
  })

test('a problem is announced, named in the title, and points at its field', () => {
  const { login, 'login, wrong': wrong } = gallery(usual)
  assert.match(wrong ?? '', /<title>Error: Log In/)
  assert.match(wrong ?? '', /id="notice" role="alert">Wrong email or password\./)
  assert.match(
    wrong ?? '',
    /name="password"[^>]* aria-describedby="notice"\n? *aria-invalid="true" autofocus/,
  )
  assert.doesNotMatch(login ?? '', /role="alert"|aria-invalid/)
})

test('every page has the headers that keep it from being framed, cached, sniffed or leaked', () => {
  const headers = pageHeaders()
  const csp = headers['content-security-policy'] ?? ''
  for (const directive of [
    "default-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'self'",
  ])
    assert.ok(csp.split('; ').includes(directive), directive)
  assert.doesNotMatch(csp, /unsafe|\*|https?:/)
  assert.equal(headers['x-frame-options'], 'DENY')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['referrer-policy'], 'no-referrer')
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
  assert.equal(headers['x-content-type-options'], 'nosniff')
})

test('a form that leads to an application has every other protection', () => {
  const usualPolicy = pageHeaders()['content-security-policy'] ?? ''
  const { 'content-security-policy': policy = '', ...others } = pageHeaders({ leadsToApplication: true })
  const directives = usualPolicy.split('; ').filter((directive) => directive !== "form-action 'self'")
  assert.deepEqual(policy.split('; '), directives)
  const { 'content-security-policy': _, ...usualOthers } = pageHeaders()
  assert.deepEqual(others, usualOthers)
})

test('a log-in in a popup can still tell the window that opened it', () => {
  assert.equal(pageHeaders({ inPopup: true })['cross-origin-opener-policy'], 'unsafe-none')
})

test('a page with keys runs one script, which is named by its whole address', () => {
  const script = keyScript({ issuer: 'https://auth.example.com/' })
  const csp = pageHeaders({ script })['content-security-policy'] ?? ''
  assert.equal(script, `https://auth.example.com${assets.keys.path}`)
  assert.deepEqual(
    csp.split('; ').filter((directive) => directive.startsWith('script-src')),
    [`script-src ${script}`],
  )
  const { 'content-security-policy': usualPolicy = '' } = pageHeaders()
  assert.equal(csp.replace(` script-src ${script};`, ''), usualPolicy)
})

test('the stylesheet, the mark and the script are served under the hash of their content, for good', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  pageAssets(app)
  for (const { path, type, content } of Object.values(assets)) {
    assert.match(path, /^\/_assets\/\w+\.[\w-]{12}\.\w+$/)
    const answer = await app.inject(path)
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], type)
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(answer.body, content)
    assert.ok(gallery(usual)['login, passkey']?.includes(path))
  }
})
