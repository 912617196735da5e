import {
  addPermissionsToRole,
  createApi,
  createRole,
  insertUser,
  insertUserRoles,
  openContext,
  readConfig,
  transaction,
} from '@rolecall/server/test-kit'

const counts = { users: 10_000, roles: 200, apis: 20, permissionsOfApi: 50 }
/** A transaction must end within seconds, on a busy machine too. */
const batch = 1_000
const msPerDay = 86_400_000

const givenNames =
  'Ada|Grace|Édouard|Zoë|Bartholomew-Maximilian|Nguyễn|Siobhán|Łukasz|Ingeborg|محمد|ליאורה|太郎|小红|민수|Παναγιώτα|Святослав'.split(
    '|',
  )
const familyNames =
  'Lovelace|Hopper|García Márquez|Wolfeschlegelsteinhausenbergerdorff|O’Brien|Thị Minh|عبد الرحمن|כהן|山田|欧阳|김|Παπαδοπούλου'.split(
    '|',
  )
const departments =
  'Accounting|Support|Warehouse|Payroll|Legal|Marketing|Research|Vertrieb|المالية|תמיכה|営業部|人事部|개발팀|Customer Relationship and Subscription Management'.split(
    '|',
  )
const levels = 'reader|editor|approver|administrator|auditor|trainee|lead'.split('|')
const products =
  'Invoices|Orders|Messages|Documents|Reports|Inventory|Tickets|Calendar|在庫管理|Shipping|الفواتير|Billing|Analytics|Contacts|Projects|Surveys|Devices|Events|Internal Administration of Long-Term Procurement Agreements|Search'.split(
    '|',
  )
const verbs = 'read|create|update|delete|export'.split('|')
const objects = 'items|drafts|templates|comments|attachments|settings|members|history|rates'.split('|')

const pick = <Item>(items: readonly Item[], n: number): Item => {
  const item = items[n % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/**
 * Fills the store of a system that is stopped: 10,000 users, 200 roles and 20 APIs with 1,000 permissions, with long,
 * right-to-left and East Asian names. The same data each time.
 * @param dataDir the folder of the store
 */
export async function addRealisticData(dataDir: string): Promise<void> {
  const ctx = await openContext(readConfig({ DATA_DIR: dataDir }))
  try {
    const permissions: { api: string; permission: string }[] = []
    for (let n = 0; n < counts.apis; n++) {
      const identifier = `https://api-${n + 1}.example.com`
      const values = permissionNames()
      await transaction(ctx, (tx) =>
        createApi(tx, ctx.sealer, {
          identifier,
          name: pick(products, n),
          enforcePolicies: true,
          tokenDialect: 'access_token_authz',
          permissions: values.map((value) => ({ value, description: `May ${value.replace(':', ' ')}` })),
        }),
      )
      permissions.push(...values.map((permission) => ({ api: identifier, permission })))
    }
    const roleIds: string[] = []
    for (let n = 0; n < counts.roles; n++) {
      const round = Math.floor(n / (departments.length * levels.length))
      const name = `${pick(departments, n)} ${pick(levels, Math.floor(n / departments.length))}`
      const held = Array.from({ length: 5 + (n % 20) }, (_, at) => pick(permissions, n * 37 + at * 13))
      roleIds.push(
        await transaction(ctx, async (tx) => {
          const description = `${pick(levels, Math.floor(n / departments.length))} in ${pick(departments, n)}`
          const role = await createRole(tx, { name: round > 0 ? `${name} ${round + 1}` : name, description })
          await addPermissionsToRole(tx, role.id, [...new Set(held)])
          return role.id
        }),
      )
    }
    for (let start = 0; start < counts.users; start += batch)
      await transaction(ctx, async ({ db, now }) => {
        const links = []
        for (let n = start; n < start + batch; n++) {
          const user = userOf(n, now)
          await insertUser(db, user)
          for (let at = 0; at < (n * 7) % 5; at++)
            links.push({ userId: user.userId, roleId: pick(roleIds, n * 11 + at * 29) })
        }
        await insertUserRoles(db, links, now)
      })
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

const permissionNames = () =>
  Array.from({ length: counts.permissionsOfApi }, (_, n) => {
    const object = pick(objects, Math.floor(n / verbs.length))
    return `${pick(verbs, n)}:${object}${n < verbs.length * objects.length ? '' : '-archive'}`
  })

function userOf(n: number, now: number) {
  const givenName = pick(givenNames, n * 5 + Math.floor(n / 97))
  const familyName = pick(familyNames, n * 3 + Math.floor(n / 31))
  const email = `user-${String(n).padStart(6, '0')}@example.com`
  return {
    userId: `auth0|${String(n).padStart(24, '0')}`,
    connection: 'Username-Password-Authentication',
    email,
    emailVerified: n % 9 !== 0,
    name: `${givenName} ${familyName}`,
    givenName,
    familyName,
    nickname: email.slice(0, 11),
    picture: '',
    blocked: n % 37 === 0,
    userMetadata: {},
    appMetadata: n % 4 === 0 ? { plan: 'gold' } : {},
    secondFactor: false,
    loginsCount: n % 6 === 0 ? 0 : n % 400,
    ...(n % 6 !== 0 && { lastLogin: now - (n % 300) * msPerDay }),
    createdAt: now - (n % 900) * msPerDay,
    updatedAt: now,
  }
}
