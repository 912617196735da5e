import { z } from 'zod'

/** What every refused request to the Management API is answered with. */
export const apiError = z.object({
  statusCode: z.number().int(),
  error: z.string().describe("The status's reason phrase"),
  message: z.string(),
  errorCode: z.string().optional().describe('Stable, for programs'),
})
export type ApiErrorBody = z.output<typeof apiError>
