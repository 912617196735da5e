import type { z } from 'zod'

/** One URL a line. Commas separate URLs too, as in Auth0's dashboard. */
export const linesOf = (typed: string): string[] =>
  typed
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean)

/** Every line that is not allowed, with what is wrong with it. */
export function urlErrors(typed: string, schema: z.ZodType<string>): string | undefined {
  const errors = linesOf(typed).flatMap((line) => {
    const problem = schema.safeParse(line).error?.issues[0]
    return problem ? [`“${line}” ${problem.code === 'custom' ? problem.message : 'is too long'}.`] : []
  })
  return errors.length === 0 ? undefined : errors.join('\n')
}
