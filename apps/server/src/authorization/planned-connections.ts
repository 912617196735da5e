import { connectionHasUsers, nameTaken, requireConnection } from '../connections/connections.ts'
import { findConnection } from '../connections/store.ts'
import { noSuchConnection } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import { hasUsers } from '../users/lists.ts'

/** The part of a plan about connections. They give no permissions, so only the names and deletions are followed. */
export class PlannedConnections {
  readonly #db: Db
  /** The names of new connections, by what stands for their ids. */
  readonly #created = new Map<string, string>()
  readonly #deleted = new Set<string>()

  constructor(db: Db) {
    this.#db = db
  }

  /** @throws ApiError 409 when the name is taken */
  async add(id: string, name: string): Promise<void> {
    const holder = await findConnection(this.#db, name)
    const isHeld = holder !== undefined && !this.#deleted.has(holder.id)
    if (isHeld || [...this.#created.values()].includes(name)) throw nameTaken()
    this.#created.set(id, name)
  }

  /** @throws ApiError 404 */
  async require(id: string): Promise<void> {
    if (this.#deleted.has(id)) throw noSuchConnection()
    if (!this.#created.has(id)) await requireConnection(this.#db, id)
  }

  /** @throws ApiError 404, 400 while it has users */
  async delete(id: string): Promise<void> {
    await this.require(id)
    if (!this.#created.delete(id)) {
      const { name } = await requireConnection(this.#db, id)
      if (await hasUsers(this.#db, name)) throw connectionHasUsers(name)
    }
    this.#deleted.add(id)
  }
}
