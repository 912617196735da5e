/** The store cannot be used as asked. The message is one sentence for the operator and says what to do. */
export class StoreError extends Error {
  override name = 'StoreError'
}

/** Another process uses the store, which has room for one. */
export class StoreInUseError extends StoreError {}
