import type { ConnectionCreate, ConnectionUpdate } from '@rolecall/contract'
import {
  connectionHasUsers,
  nameTaken,
  optionsFor,
  requireConnection,
  requireReachable,
  requireUnchangedStrategy,
} from '../connections/connections.ts'
import { findConnection } from '../connections/store.ts'
import { noSuchConnection } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import { hasUsers } from '../users/lists.ts'

/** A connection, as far as a plan has to know it. */
type PlannedConnection = Pick<ConnectionCreate, 'name' | 'strategy'>

/** The part of a plan about connections. They give no permissions before a log-in, so their members are only checked. */
export class PlannedConnections {
  readonly #db: Db
  readonly #localHosts: readonly string[]
  /** New connections, by what stands for their ids. */
  readonly #created = new Map<string, PlannedConnection>()
  readonly #deleted = new Set<string>()

  constructor(db: Db, localHosts: readonly string[]) {
    this.#db = db
    this.#localHosts = localHosts
  }

  /** @throws ApiError 409 when the name is taken, 400 for an address that cannot be used */
  async add(id: string, { name, strategy, options }: ConnectionCreate): Promise<void> {
    const holder = await findConnection(this.#db, name)
    const isHeld = holder !== undefined && !this.#deleted.has(holder.id)
    if (isHeld || [...this.#created.values()].some((other) => other.name === name)) throw nameTaken()
    if (options && strategy !== 'auth0') requireReachable(this.#localHosts, options)
    this.#created.set(id, { name, strategy })
  }

  /** @throws ApiError 404, 400 for options that the strategy does not accept */
  async update(id: string, { strategy, options }: ConnectionUpdate): Promise<void> {
    const before = await this.#require(id)
    requireUnchangedStrategy(before, strategy)
    if (!options) return
    const accepted = optionsFor(before.strategy, options)
    if (before.strategy !== 'auth0') requireReachable(this.#localHosts, accepted)
  }

  /** @throws ApiError 404, 400 while it has users */
  async delete(id: string): Promise<void> {
    const { name } = await this.#require(id)
    if (!this.#created.delete(id) && (await hasUsers(this.#db, name))) throw connectionHasUsers(name)
    this.#deleted.add(id)
  }

  async #require(id: string): Promise<Pick<PlannedConnection, 'name'> & { strategy: string }> {
    if (this.#deleted.has(id)) throw noSuchConnection()
    return this.#created.get(id) ?? (await requireConnection(this.#db, id))
  }
}
