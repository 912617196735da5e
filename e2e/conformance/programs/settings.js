// What the run tells a program about the system, by environment alone.
const {
  ISSUER: issuer,
  CLIENT_ID: clientId,
  CLIENT_SECRET: clientSecret,
  AUDIENCE: audience,
  API_URL: apiUrl,
  PORT: port,
} = process.env

export { apiUrl, audience, clientId, clientSecret, issuer, port }
/** `host` or `host:port`, as Auth0's SDKs call it. */
export const domain = new URL(issuer).host
/** Where a web application is served. */
export const baseUrl = `http://localhost:${port}`
export const scope = 'openid profile email offline_access'
/** Of cookies. */
export const secret = 'a secret of this run, long enough for every SDK'

/** What the API answers to the admin's token. */
export async function readMessage(accessToken) {
  const response = await fetch(`${apiUrl}/api/messages/admin`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  return response.json()
}
