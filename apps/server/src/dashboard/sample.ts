import { allApplications } from '../applications/store.ts'
import type { Context } from '../context.ts'
import type { Db } from '../store/store.ts'
import { readSetting } from '../tenant/store.ts'

/** The setting with the addresses of the sample client and API. The launcher writes it at each start. */
export const sampleSetting = 'sample'

export interface SampleAddresses {
  client_url: string
  api_url: string
}

export function sampleAddresses(db: Db): Promise<SampleAddresses | undefined> {
  return readSetting<SampleAddresses>(db, sampleSetting)
}

/** The client ID of the sample client: that of the latest application with its callback URL. */
export async function sampleClientId(db: Db): Promise<string | undefined> {
  const sample = await sampleAddresses(db)
  if (!sample) return undefined
  const callback = `${sample.client_url}/callback`
  const found = (await allApplications(db)).filter(({ data }) => data.callbacks?.includes(callback))
  return found.toSorted((a, b) => b.createdAt - a.createdAt)[0]?.clientId
}

/** Reports the client ID of the sample client once there is one. */
export function whenSampleClient(
  { store }: Pick<Context, 'store'>,
  report: (clientId: string) => void,
  onError: (error: unknown) => void,
): void {
  let isFound = false
  const look = async () => {
    const clientId = await sampleClientId(store.db)
    if (clientId === undefined || isFound) return
    isFound = true
    stop()
    report(clientId)
  }
  const stop = store.onChange(() => void look().catch(onError))
  void look().catch(onError)
}
