import { type Lab, launch, site } from '../start/launcher.ts'
import { addRealisticData } from './realistic-data.ts'

/** The whole system with 10,000 users besides the tutorial's three, and roles and APIs for them. */
export async function startWithManyUsers(t: {
  after(clean: () => void | Promise<void>): void
}): Promise<Lab> {
  const { dir, args, readLab } = await site(t)
  const first = launch(args)
  await first.running()
  first.process.kill('SIGTERM')
  await first.ended
  await addRealisticData(dir)
  const second = launch(args)
  t.after(async () => {
    second.process.kill('SIGTERM')
    await second.ended
  })
  await second.running()
  return readLab()
}
