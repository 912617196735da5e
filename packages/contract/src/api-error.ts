import { z } from 'zod'

/** The body of every error response of the Management API. */
export const apiError = z.object({
  statusCode: z.number().int(),
  error: z.string().describe("The status's reason phrase"),
  message: z.string(),
  errorCode: z.string().optional().describe('Stable, for programs'),
})
export type ApiErrorBody = z.output<typeof apiError>
