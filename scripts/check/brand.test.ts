/** The dashboard, the pages of the server and the clients look alike: each has its own stylesheet, without a shared file. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** The values of a custom property in the light and in the dark scheme. */
type Palette = Map<string, [light: string, dark: string]>

const read = (path: string) => readFileSync(path, 'utf8')
const theme = read('apps/dashboard/src/app/theme.ts')
const sources: Record<string, string> = {
  dashboard: read('apps/dashboard/src/app/base.css'),
  pages: read('apps/server/src/pages/pages.css'),
  clients: read('samples/spa-react/src/style.css'),
}

function palette(css: string): Palette {
  const found: Palette = new Map()
  const [onScreen = ''] = css.split('@media print')
  for (const [, name = '', value = ''] of onScreen.matchAll(/^\s*--([a-z-]+):\s*([^;]+);/gm)) {
    const [, light, dark] = /^light-dark\((.+), (.+)\)$/.exec(value) ?? []
    // The rule for the dark scheme comes after the other one.
    found.set(name, [light ?? found.get(name)?.[0] ?? value, dark ?? value])
  }
  return found
}

const dashboard = palette(sources['dashboard'] ?? '')

for (const name of ['pages', 'clients'])
  test(`the ${name} have the colours of the dashboard`, () => {
    const own = palette(sources[name] ?? '')
    const shared = [...own].filter(([property]) => dashboard.has(property))
    assert.ok(shared.length >= 10, 'few properties have a name that the dashboard knows')
    assert.deepEqual(
      shared,
      shared.map(([property]) => [property, dashboard.get(property)]),
    )
    const [, pine = ''] = /pine: MantineColorsTuple = \[([^\]]+)\]/.exec(theme) ?? []
    const shades = pine.match(/#[0-9a-f]{6}/g)
    assert.deepEqual(own.get('button'), [shades?.[7], shades?.[7]])
    assert.deepEqual(own.get('button-hover'), [shades?.[8], shades?.[8]])
    assert.deepEqual(own.get('mark'), [shades?.[6], shades?.[6]])
  })

test('the dashboard, the pages and the clients have one typeface, and one for code', () => {
  const [, text = '', code = ''] =
    /fontFamily: "([^"]+)",\s+fontFamilyMonospace:\s+"([^"]+)"/.exec(theme) ?? []
  const plain = (css: string) => css.replaceAll(/["']/g, '').replaceAll(/\s+/g, ' ')
  assert.ok(text && code)
  for (const name of ['pages', 'clients'])
    assert.ok(plain(sources[name] ?? '').includes(`${plain(text)};`), `${name}: ${plain(text)}`)
  for (const [name, css] of Object.entries(sources))
    assert.ok(plain(css).includes(`${plain(code)};`), `${name}: ${plain(code)}`)
})

test('the dashboard, the pages and the clients have one mark', () => {
  const mark = read('apps/server/src/pages/mark.svg')
  for (const path of ['apps/dashboard/public/favicon.svg', ...globSync('samples/spa-*/public/favicon.svg')])
    assert.equal(read(path), mark, path)
  const [lines = ''] = /M7\.5[^"]+/.exec(mark) ?? []
  const places = globSync('samples/spa-*/src/{logo,components/app-logo,app/components/app-logo}.*')
  assert.equal(places.length, 10)
  for (const path of ['apps/server/src/pages/layout.ts', ...places])
    assert.ok(read(path).includes(lines), path)
})
