import { Loader } from '@mantine/core'
import { common } from '../shared/text.ts'
import './app.css'

export function Splash() {
  return (
    <main className="notice-page" aria-busy="true">
      <h1 className="visually-hidden">{common.product}</h1>
      <Loader size="sm" color="gray" aria-label={common.loading} />
    </main>
  )
}
