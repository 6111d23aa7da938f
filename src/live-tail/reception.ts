import type { IncomingMessage } from 'node:http'
import { errorMessage } from '../core/errors.ts'
import { type Access, accessId, type AccessLog } from './access/access-log.ts'
import type { Gate } from './access/gate.ts'
import type { Identity } from './access/identity.ts'
import { mayUnmask, type Role, sightOf } from './access/roles.ts'
import type { Section } from './access/sections.ts'
import { Admission, type Refusal } from './admission.ts'
import type { Sight } from './line-view.ts'
import type { LiveTail } from './live-tail.ts'
import { compileFilter, filterLists, filterOfParameters, type TailFilter, timeParameter } from './tail-filter.ts'
import type { ViewerConnection } from './viewer-events.ts'
import type { ViewerStart } from './viewer-request.ts'

/** What a request asks for, beside its filter. */
interface Wish<Extra> {
  /** Parameters that it may have, beside those of a filter. */
  readonly parameters: readonly string[]
  /** Reads them. Throws LIVE_TAIL_FILTER. */
  read(request: IncomingMessage, parameters: URLSearchParams): Extra
}

/** Somebody who may come in, and has to leave. */
export interface Visit<Extra> {
  readonly access: Access
  readonly identity: Identity
  readonly filter: TailFilter
  readonly sight: Sight
  readonly extra: Extra
  /** Why masked values are shown; undefined: they are not asked for. */
  readonly unmask: string | undefined
  leave(): void
}

/** Somebody who may look at a section of the console. */
export interface Entered {
  readonly access: Access
  readonly identity: Identity
  /** Whether who a person is stays hidden from them without a reason. */
  readonly isMasked: boolean
}

/** Somebody who may look at a section of the console, and has said why they see masked values. */
export interface Visitor extends Entered {
  /** Why masked values are shown; undefined: they are not asked for. */
  readonly unmask: string | undefined
}

/** What somebody may do, as `GET /logs/access` says it. */
interface Permissions {
  readonly user: string
  /** Left out: there are none. */
  readonly roles?: readonly Role[]
  /** Of logs that are shown, `error` for errors of others; left out: all. */
  readonly classes?: readonly string[]
  /** Whether masks hold. */
  readonly masked: boolean
  /** Whether a reason lifts them. */
  readonly unmask: boolean
  readonly exports: boolean
  /** Parts of the console. */
  readonly sections: readonly string[]
}

/** A viewer that was let in. */
export interface Guest {
  /** The connection takes more. */
  resume(): void
  /** The connection has ended. */
  leave(): void
}

/** A viewer that may come in; one of the two has to be called. */
export interface Admitted {
  /** Begins to give lines to its connection. */
  open(connection: ViewerConnection): Guest
  /** It does not come. */
  decline(): void
}

export interface ReceptionOptions {
  readonly gate: Gate
  readonly accesses: AccessLog
  /** Other sites whose pages are answered. */
  readonly origins: readonly string[]
  /** What the console can show of this process. */
  readonly sections: readonly Section[]
}

const viewing: Wish<ViewerStart> = { parameters: ['from', 'lastEventId'], read: startOf }
const reasonLengthMax = 500
const viaLengthMax = 200

/** Lets people in, whatever they ask for: who they are, what they may see, limits, and an entry for each access. */
export class Reception {
  readonly #tail: LiveTail
  readonly #options: ReceptionOptions
  readonly #admission: Admission

  constructor(tail: LiveTail, options: ReceptionOptions) {
    this.#tail = tail
    this.#options = options
    this.#admission = new Admission(tail.config)
  }

  /** Whether a page of this site is answered, though it is not of the same host. */
  isKnownOrigin(origin: string | undefined): origin is string {
    return origin !== undefined && this.#options.origins.includes(origin)
  }

  /** What somebody may do here, for a page that shows it. */
  async describe(request: IncomingMessage): Promise<Permissions | Refusal> {
    const { access, identity } = await this.#identify(request)
    if ('status' in identity) return this.refused(access, identity)
    const { user, roles } = identity
    const sight = sightOf(roles, true)
    const classes = sight === undefined ? [] : sight.classes === undefined ? undefined : [...sight.classes]
    const isMasked = sight?.isMasked === true
    const { exports } = this.#tail.config
    return {
      user,
      ...(roles !== undefined && { roles }),
      ...(classes !== undefined && { classes }),
      masked: isMasked,
      unmask: isMasked && mayUnmask(roles),
      exports: exports && sight !== undefined,
      sections: this.#options.sections.filter((section) => section.isFor(roles)).map(({ name }) => name),
    }
  }

  /** Somebody who may look at a section, or why not: then the refusal is recorded already. */
  async enter(request: IncomingMessage, section: Section): Promise<Entered | Refusal> {
    const { access, identity } = await this.#identify(request)
    if ('status' in identity) return this.refused(access, identity)
    const { user, roles } = identity
    if (section.isFor(roles)) return { access, identity, isMasked: sightOf(roles, true)?.isMasked === true }
    const { owner } = this.#tail.config
    const reason = `${user} has ${heldText(roles)}, which does not show ${section.name}: ask the owner for another one`
    return this.refused(access, { status: 403, reason, owner })
  }

  /** A viewer. */
  async receive(request: IncomingMessage): Promise<Admitted | Refusal> {
    const visit = await this.visit(request, viewing)
    if ('status' in visit) return visit
    const { access, filter, extra: start, unmask } = visit
    const details = { filter: filter.definition, start, ...(unmask !== undefined && { unmask }) }
    if (!(await this.#options.accesses.begin('opened', access, details))) {
      visit.leave()
      return notRecorded
    }
    return { open: (connection) => this.#open(visit, connection), decline: () => this.#close(visit, {}) }
  }

  /** Somebody who may see lines, or why not: then the refusal is recorded already. */
  async visit<Extra>(request: IncomingMessage, wish: Wish<Extra>): Promise<Visit<Extra> | Refusal> {
    const { access, identity } = await this.#identify(request)
    if ('status' in identity) return this.refused(access, identity)
    const parameters = new URLSearchParams((request.url ?? '').split('?', 2)[1])
    const answer = this.#admit(request, parameters, { access, identity, wish })
    return 'status' in answer ? this.refused(access, answer) : answer
  }

  /** Like `enter`, for a section whose only parameter is `unmask`. */
  async meet(request: IncomingMessage, section: Section): Promise<Visitor | Refusal> {
    const entered = await this.enter(request, section)
    if ('status' in entered) return entered
    const { access, identity } = entered
    const parameters = new URLSearchParams((request.url ?? '').split('?', 2)[1])
    const unknown = [...parameters.keys()].find((name) => name !== 'unmask')
    if (unknown !== undefined)
      return this.refused(access, { status: 400, reason: `${unknown} is no parameter: the only one is unmask` })
    const unmask = parameters.get('unmask') ?? undefined
    const refusal = this.#unmaskFault(identity.roles, unmask)
    return refusal === undefined ? { ...entered, unmask } : this.refused(access, refusal)
  }

  /** A place among the viewers, which `leave` of it gives back; or why there is none. */
  seat({ access, identity: { user } }: Entered): { leave(): void } | Refusal {
    const refusal = this.#admission.enter(user)
    return refusal === undefined ? { leave: () => this.#admission.leave(user) } : this.refused(access, refusal)
  }

  async #identify(
    request: IncomingMessage,
  ): Promise<{ readonly access: Access; readonly identity: Identity | Refusal }> {
    const { gate } = this.#options
    const identity = this.#otherSite(request) ?? (await gate.identify(request))
    const isKnown = !('status' in identity)
    const access = {
      id: accessId(),
      user: isKnown ? identity.user : gate.userOf(request),
      roles: isKnown ? identity.roles : undefined,
      ...placeOf(request),
    }
    return { access, identity }
  }

  /** Records that somebody is refused. */
  refused(access: Access, refusal: Refusal): Refusal {
    const { status, reason, limit } = refusal
    this.#options.accesses.record('refused', access, { status, reason, ...(limit !== undefined && { limit }) })
    return refusal
  }

  #admit<Extra>(
    request: IncomingMessage,
    parameters: URLSearchParams,
    { access, identity, wish }: { readonly access: Access; readonly identity: Identity; readonly wish: Wish<Extra> },
  ): Visit<Extra> | Refusal {
    const { owner } = this.#tail.config
    const { user, roles } = identity
    const unmask = parameters.get('unmask') ?? undefined
    const sight = sightOf(roles, unmask === undefined)
    if (sight === undefined) {
      const reason = `${user} has ${heldText(roles)}, which shows no logs: ask the owner for another one`
      return { status: 403, reason, owner }
    }
    const fault = this.#unmaskFault(roles, unmask)
    if (fault !== undefined) return fault
    try {
      const filter = compileFilter(filterOfParameters(parameters, [...wish.parameters, 'unmask']))
      const extra = wish.read(request, parameters)
      const masked = sight.isMasked ? this.#maskedFieldOf(filter) : undefined
      if (masked !== undefined) return { status: 403, reason: masked }
      const refusal = this.#admission.enter(user)
      if (refusal !== undefined) return refusal
      return { access, identity, filter, sight, extra, unmask, leave: () => this.#admission.leave(user) }
    } catch (error) {
      return { status: 400, reason: errorMessage(error) }
    }
  }

  #unmaskFault(roles: readonly Role[] | undefined, unmask: string | undefined): Refusal | undefined {
    if (unmask === undefined) return undefined
    const { owner } = this.#tail.config
    if (mayUnmask(roles)) return faultOfReason(unmask)
    const reason = `the role ${roles?.join(', ')} does not show masked values: leave unmask out, or ask the owner`
    return { status: 403, reason, owner }
  }

  #open(visit: Visit<ViewerStart>, connection: ViewerConnection): Guest {
    const { filter, sight, extra: start, identity } = visit
    const { clock } = this.#tail.config
    const openedMs = clock.monotonicMs()
    const viewer = this.#tail.watch({ filter, start, sight, isWelcome: () => identity.isCurrent() }, connection)
    let isHere = true
    return {
      resume: () => viewer.flush(),
      leave: () => {
        if (!isHere) return
        isHere = false
        const { shown, notShown } = viewer
        this.#tail.leave(viewer)
        this.#close(visit, { shown, notShown, durationMs: Math.round(clock.monotonicMs() - openedMs) })
      },
    }
  }

  #close(visit: Visit<ViewerStart>, details: Readonly<Record<string, unknown>>): void {
    visit.leave()
    this.#options.accesses.record('closed', visit.access, details)
  }

  /** A filter on values that are hidden would find nothing, and nobody would know why. */
  #maskedFieldOf({ definition }: TailFilter): string | undefined {
    const found = filterLists.find(([list, field]) => definition[list] !== undefined && this.#tail.isMasked(field))
    if (found === undefined) return undefined
    return `${found[0]} asks for ${found[1]}, which is masked for you: give the reason to see it as unmask`
  }

  /** A page of another site could be made to connect by a browser. */
  #otherSite({ headers }: IncomingMessage): Refusal | undefined {
    const { origin, host } = headers
    if (origin === undefined || this.isKnownOrigin(origin)) return undefined
    if (URL.canParse(origin) && new URL(origin).host === host) return undefined
    return { status: 403, reason: 'pages of other sites are not answered' }
  }
}

/** Why masked values are shown, as somebody says it, has to be a text; undefined: it is one. */
export function faultOfReason(unmask: string): Refusal | undefined {
  if (unmask.trim() !== '' && unmask.length <= reasonLengthMax) return undefined
  const reason = `unmask must be the reason, which is recorded: give a text of at most ${reasonLengthMax} characters`
  return { status: 400, reason }
}

function heldText(roles: readonly Role[] | undefined): string {
  return roles?.length === 0 ? 'no role' : `the role ${roles?.join(', ')}`
}

/** Whoever may not be recorded sees nothing. */
export const notRecorded: Refusal = Object.freeze({
  status: 503,
  reason: 'the audit topic does not take the entry about this request: try again later',
})

/** A client that comes back says where it was, whatever it asked for first. */
function startOf({ headers }: IncomingMessage, parameters: URLSearchParams): ViewerStart {
  const place = headers['last-event-id'] ?? parameters.get('lastEventId')
  if (typeof place === 'string' && place !== '') return { place }
  const timestampMs = timeParameter(parameters, 'from')
  return timestampMs === undefined ? 'live' : { timestampMs }
}

/** From where, and for what; `via` is what a proxy, or anybody, has said about where it came from. */
function placeOf({ url, headers, socket }: IncomingMessage): Pick<Access, 'from' | 'via' | 'path'> {
  const [path = ''] = (url ?? '').split('?', 1)
  const via = String(headers['x-forwarded-for'] ?? '').slice(0, viaLengthMax)
  return { from: socket.remoteAddress ?? '', ...(via !== '' && { via }), path }
}
