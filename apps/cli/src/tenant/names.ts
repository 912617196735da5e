import { managementAudience } from '@rolecall/contract'
import { UsageError } from '../errors.ts'
import { safe } from '../terminal.ts'
import type { Tenant } from './read-tenant.ts'

type Client = Tenant['clients'][number]

/** What a file can name of a tenant. System objects, and the application of the command itself, are left alone. */
export class Names {
  readonly clients: readonly Client[]
  /** Ids of applications that are left alone. */
  readonly untouched: ReadonlySet<string>
  readonly #own: Client | undefined
  readonly #idByName: ReadonlyMap<string, string>
  readonly #nameById: ReadonlyMap<string, string>
  readonly #sortKeys: ReadonlyMap<string, string>

  /** @throws UsageError when two applications have one name, because the files know them by name only */
  constructor({ clients }: Tenant, ownClientId: string) {
    const isLeftAlone = (one: Client) =>
      one.is_system === true || one.global === true || one.client_id === ownClientId
    this.clients = clients.filter((one) => !isLeftAlone(one))
    this.untouched = new Set(clients.filter(isLeftAlone).map((one) => one.client_id))
    this.#own = clients.find((one) => one.client_id === ownClientId)
    for (const [name, several] of Map.groupBy(this.clients, (one) => one.name))
      if (several.length > 1) throw equalNames(name, several)
    this.#idByName = new Map(this.clients.map((one) => [one.name, one.client_id]))
    this.#nameById = new Map(this.clients.map((one) => [one.client_id, one.name]))
    this.#sortKeys = new Map(clients.map((one) => [one.client_id, one.name]))
  }

  /** The id of the application with this name, or with this id. */
  clientId(nameOrId: string): string | undefined {
    return this.#idByName.get(nameOrId) ?? (this.#nameById.has(nameOrId) ? nameOrId : undefined)
  }

  /** The name of the application of the command, for its id. */
  ownName(id: string): string | undefined {
    return this.#own?.client_id === id ? this.#own.name : undefined
  }

  clientName(id: string): string | undefined {
    return this.#nameById.get(id)
  }

  /** What to sort ids by: applications of the system have other ids on each server, in the same order by name. */
  sortKey(id: string): string {
    return this.#sortKeys.get(id) ?? id
  }
}

function equalNames(name: string, several: readonly Client[]): UsageError {
  const ids = several.map(({ client_id: id }) => id).join(' and ')
  return new UsageError(
    `Two applications have the name ${safe(name)}: ${ids}. Files name applications, so give one of them another name.`,
  )
}

/**
 * The identifier of an API as this tenant has it. The Management API of another tenant stands for the one of this tenant:
 * its identifier is made of the address of its server.
 */
export function localAudience(audience: string, known: ReadonlySet<string>, issuer: string): string {
  return !known.has(audience) && /^https?:\/\/[^/]+\/api\/v2\/$/.test(audience)
    ? managementAudience(issuer)
    : audience
}
