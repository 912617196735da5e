declare const NG_APP_AUTH0_DOMAIN: string
declare const NG_APP_AUTH0_CLIENT_ID: string
declare const NG_APP_AUTH0_CALLBACK_URL: string
declare const NG_APP_AUTH0_AUDIENCE: string
declare const NG_APP_API_SERVER_URL: string
declare const NG_APP_AUTH0_USE_REFRESH_TOKENS: string

/** Filled in by `ng.js` when the client is built. */
export const environment = {
  NG_APP_AUTH0_DOMAIN,
  NG_APP_AUTH0_CLIENT_ID,
  NG_APP_AUTH0_CALLBACK_URL,
  NG_APP_AUTH0_AUDIENCE,
  NG_APP_API_SERVER_URL,
  NG_APP_AUTH0_USE_REFRESH_TOKENS,
}
