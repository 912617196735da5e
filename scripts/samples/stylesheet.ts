import { copyFileSync, globSync, readFileSync } from 'node:fs'

const original = 'samples/spa-react/src/style.css'

/** Every client has its own copy, so that its folder can be taken out of the repository. */
const copies = () => globSync('samples/spa-*/src/style.css').filter((path) => path !== original)

export function copyStylesheet(): void {
  for (const copy of copies()) copyFileSync(original, copy)
}

export function differentStylesheets(): string[] {
  const text = readFileSync(original, 'utf8')
  return copies().filter((copy) => readFileSync(copy, 'utf8') !== text)
}
