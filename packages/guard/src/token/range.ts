/**
 * Returns a number that an option may have.
 *
 * @throws TypeError naming the option
 *
 * @example
 * ```ts
 * inRange(10, 0, 60, 'clockToleranceSeconds') // => 10
 * ```
 */
export function inRange(value: number, min: number, max: number, name: string): number {
  if (!Number.isFinite(value) || value < min || value > max)
    throw new TypeError(`${name} must be between ${min} and ${max}`)
  return value
}
