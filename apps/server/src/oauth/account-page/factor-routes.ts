/**
 * How users change their second factors on the account page:
 *
 *   /account/second-factor   adds an authenticator app
 *   /account/security-key    and /passkey add a key, with a script
 *   /account/method?id=      names or removes a factor
 *   /account/recovery-codes  makes new recovery codes
 *
 * All of them need a log-in that is a few minutes old. The session goes on, and all others of the user end.
 */
import type { FastifyReply } from 'fastify'
import type { Context } from '../../context.ts'
import { defaultTotpName, enrolTotp, offerTotp } from '../../factors/enrolment.ts'
import { enrolKey, offerKey } from '../../factors/keys.ts'
import {
  isMethodName,
  type OwnFactorChange,
  ownFactors,
  ownMethod,
  removeOwnMethod,
  renameOwnMethod,
  renewRecoveryCodes,
} from '../../factors/own-factors.ts'
import { multiFactor } from '../../factors/policy.ts'
import { keyScript, pageHeaders } from '../../pages/headers.ts'
import { frameOf, originOf, sendPage } from '../../pages/page-request.ts'
import { addFactorToSession } from '../browser-session.ts'
import { secondProof } from '../interaction/finish.ts'
import { setUpTotpPage } from '../pages/factors.ts'
import type { Protocol } from '../protocol.ts'
import { addKeyPage, addPaths, codesPage, methodPage, renewCodesPage } from './factor-pages.ts'
import { at, backLink } from './parts.ts'
import { type Refusal, sendRefusal, statusOfRefusal } from './refusals.ts'
import { accountTexts as words } from './texts.ts'
import { type AccountRoutes, back, type Done, type Fields, pageOf, partsOf, type Visit } from './visit.ts'

const expired = { refused: 'expired' } as const

export function factorRoutes(
  { showConfirmed, submitConfirmed }: AccountRoutes,
  ctx: Context,
  protocol: Protocol,
) {
  const { db } = ctx.store

  showConfirmed('/second-factor', (visit, fields) => showSetUp(visit, fields))
  submitConfirmed(
    '/second-factor',
    setUp,
    (visit, fields) => showSetUp(visit, fields, expired),
    () => '/second-factor',
  )

  for (const kind of ['webauthn', 'passkey'] as const) {
    const path = `/${addPaths[kind]}`
    showConfirmed(path, (visit) => showAddKey(visit, kind))
    submitConfirmed(
      path,
      (visit, fields) => addKey(visit, fields, kind),
      (visit) => showAddKey(visit, kind, expired),
      () => path,
    )
  }

  showConfirmed('/recovery-codes', (visit) => showRenewal(visit))
  submitConfirmed(
    '/recovery-codes',
    async (visit) => {
      const outcome = await renewRecoveryCodes(ctx, visit.visitor.user, changeOf(visit))
      if ('refused' in outcome) return showRenewal(visit, outcome)
      return sendPage(visit, 200, codesPage(await frameOf(visit), 'codesRenewed', outcome.recoveryCodes))
    },
    (visit) => showRenewal(visit, expired),
    () => '/recovery-codes',
  )

  showConfirmed('/method', (visit, fields) => showMethod(visit, fields))
  change('/method/name', 'renamed', ({ visitor: { user } }, { id, name }) =>
    renameOwnMethod(ctx, user, id, name.trim()),
  )
  change('/method/remove', 'removed', (visit, { id }) =>
    removeOwnMethod(ctx, visit.visitor.user, id, changeOf(visit)),
  )

  function change(
    path: string,
    done: Done,
    make: (visit: Visit, fields: Fields) => Promise<OwnFactorChange>,
  ): void {
    submitConfirmed(
      path,
      async (visit, fields) => {
        const outcome = await make(visit, fields)
        return 'refused' in outcome ? showMethod(visit, fields, outcome) : back(visit, done)
      },
      (visit, fields) => showMethod(visit, fields, expired),
      ({ id }) => pageOf('/method', id),
    )
  }

  async function showSetUp(visit: Visit, { offer, name }: Fields, refusal?: Refusal): Promise<FastifyReply> {
    const { user } = visit.visitor
    if (!(await ownFactors(ctx, user)).offered.includes('totp')) return back(visit)
    const parts = await partsOf(visit, refusal)
    const body = setUpTotpPage({
      ...parts,
      action: at('second-factor'),
      offer: await offerTotp(ctx, user, bindingOf(visit), offer),
      problem: undefined,
      named: {
        lead: words.addTotp.lead,
        label: words.addTotp.name,
        name: name || defaultTotpName,
        notice: parts.notice,
        aside: backLink(),
      },
    })
    return sendRefusal(visit, body, refusal)
  }

  async function setUp(visit: Visit, fields: Fields): Promise<FastifyReply> {
    const { user } = visit.visitor
    const name = fields.name.trim()
    if (!isMethodName(name)) return showSetUp(visit, fields, { refused: 'invalid_name' })
    if (!(await ownFactors(ctx, user)).offered.includes('totp')) return back(visit)
    const outcome = await enrolTotp(ctx, user, {
      binding: bindingOf(visit),
      sealed: fields.offer,
      code: fields.code,
      name,
      ...changeOf(visit),
    })
    if ('refused' in outcome) return showSetUp(visit, fields, outcome)
    return added(visit, outcome, 'totp')
  }

  async function added(
    visit: Visit,
    { recoveryCodes }: { recoveryCodes?: string[] },
    kind: 'totp' | 'key' | 'passkey',
  ): Promise<FastifyReply> {
    const { request, reply, visitor } = visit
    // Otherwise the next page would ask for the factor, and the code of an app that was just typed is used up.
    if (kind !== 'passkey' && visitor.proof.acr !== multiFactor)
      await addFactorToSession(ctx, protocol, request, reply, secondProof(kind))
    if (!recoveryCodes) return back(visit, 'factor')
    return sendPage(visit, 200, codesPage(await frameOf(visit), 'codesAdded', recoveryCodes))
  }

  async function showAddKey(
    visit: Visit,
    kind: 'webauthn' | 'passkey',
    refusal?: Refusal,
  ): Promise<FastifyReply> {
    const { user } = visit.visitor
    const isPossible = (await ownFactors(ctx, user)).offered.includes(kind)
    const offer = isPossible && (await offerKey(ctx, user, bindingOf(visit), kind))
    if (!offer) return back(visit)
    const body = addKeyPage({ ...(await partsOf(visit, refusal)), kind, offer })
    const headers = pageHeaders({ script: keyScript(ctx.config) })
    return visit.reply.code(statusOfRefusal(refusal)).headers(headers).send(body)
  }

  async function addKey(
    visit: Visit,
    { name, offer, answer }: Fields,
    kind: 'webauthn' | 'passkey',
  ): Promise<FastifyReply> {
    const { user } = visit.visitor
    const given = name.trim()
    if (given !== '' && !isMethodName(given)) return showAddKey(visit, kind, { refused: 'invalid_name' })
    if (!(await ownFactors(ctx, user)).offered.includes(kind)) return back(visit)
    const outcome = await enrolKey(ctx, user, {
      binding: bindingOf(visit),
      type: kind,
      sealed: offer,
      answer,
      name: given,
      ...changeOf(visit),
    })
    if ('refused' in outcome) {
      const isLate = outcome.refused === 'offer_expired'
      return showAddKey(visit, kind, isLate ? { refused: 'key_expired' } : outcome)
    }
    return added(visit, outcome, kind === 'passkey' ? 'passkey' : 'key')
  }

  async function showRenewal(visit: Visit, refusal?: Refusal): Promise<FastifyReply> {
    const { offersCodes, codesLeft } = await ownFactors(ctx, visit.visitor.user)
    if (!offersCodes) return back(visit)
    return sendRefusal(
      visit,
      renewCodesPage({ ...(await partsOf(visit, refusal)), left: codesLeft }),
      refusal,
    )
  }

  async function showMethod(visit: Visit, { id, name }: Fields, refusal?: Refusal): Promise<FastifyReply> {
    const method = await ownMethod(db, visit.visitor.user, id)
    if (!method) return back(visit, 'gone')
    const body = methodPage({ ...(await partsOf(visit, refusal)), ...method, given: name || undefined })
    return sendRefusal(visit, body, refusal)
  }
}

const changeOf = (visit: Visit) => ({ origin: originOf(visit), keepSession: visit.visitor.sessionUid })

/** An offered key is for this session, and until the factors of the user change: sent again, it adds nothing. */
const bindingOf = ({ visitor: { sessionUid, user } }: Visit) =>
  `account/${sessionUid}/${user.factorsChangedAt ?? ''}`
