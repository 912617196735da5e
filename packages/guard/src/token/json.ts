/**
 * Whether parsed JSON is an object: neither null nor an array.
 *
 * @example
 * ```ts
 * isJsonObject({}) // => true
 * isJsonObject([]) // => false
 * ```
 */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
