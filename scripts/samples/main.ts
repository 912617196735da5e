// `npm run samples`: derives the variants of the React client again, and copies the stylesheet into every client.
import { copyStylesheet } from './stylesheet.ts'
import { updateVariants } from './variants.ts'

await updateVariants()
copyStylesheet()
console.log('The variants of samples/spa-react and the stylesheets of all clients are up to date.')
