// Drives an SDK for browsers. Every path of the server shows this page; the path says what to do.
// `sdk` comes from the page of the SDK: { restore, logIn, message, logOut }.
async function run(sdk) {
  const show = (value) => {
    document.querySelector('pre').textContent = JSON.stringify(value)
  }
  try {
    const { pathname } = window.location
    if (pathname === '/login') return await sdk.logIn()
    if (pathname === '/callback') {
      await sdk.complete()
      return window.location.replace('/')
    }
    if (pathname === '/signup') return show(await sdk.signUp())
    if (pathname === '/password') return show(await sdk.newPassword())
    const user = await sdk.restore()
    if (pathname === '/logout') return await sdk.logOut()
    if (pathname === '/') return show({ user: user?.email ?? null })
    const token = await (pathname === '/refreshed' ? sdk.refresh() : sdk.token())
    const headers = { authorization: `Bearer ${token}` }
    show(await (await fetch(`${settings.apiUrl}/api/messages/admin`, { headers })).json())
  } catch (error) {
    show({ error: String(error.error_description ?? error.description ?? error.message ?? error) })
  }
}
