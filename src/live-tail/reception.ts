import type { IncomingMessage } from 'node:http'
import { errorMessage } from '../core/errors.ts'
import { denialOf } from '../core/http-access.ts'
import { Admission, type Refusal } from './admission.ts'
import type { LiveTail, ViewerStart } from './live-tail.ts'
import { compileFilter, filterOfParameters, type TailFilter, timeParameter } from './tail-filter.ts'
import type { ViewerConnection } from './viewer-events.ts'

export interface ReceptionOptions {
  readonly token: string | undefined
  readonly userHeader: string | undefined
}

/** What somebody wants to see. */
interface Visit {
  readonly filter: TailFilter
  readonly start: ViewerStart
}

/** What the log says of each access. */
interface Access {
  readonly user: string
  readonly from: string
  readonly path: string
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

/** Lets viewers in, whatever their connection: checks, limits, and a line in the log for each access. */
export class Reception {
  readonly #tail: LiveTail
  readonly #options: ReceptionOptions
  readonly #admission: Admission

  constructor(tail: LiveTail, options: ReceptionOptions) {
    this.#tail = tail
    this.#options = options
    this.#admission = new Admission(tail.config)
  }

  receive(request: IncomingMessage): Admitted | Refusal {
    const [path = ''] = (request.url ?? '').split('?', 1)
    const access: Access = { user: this.#userOf(request), from: request.socket.remoteAddress ?? '', path }
    const visit = this.#visit(request, access.user)
    if ('status' in visit) {
      const { status, reason, limit } = visit
      this.#tail.config.logger.info({ ...access, status, reason, limit }, 'live tail refused')
      return visit
    }
    return {
      open: (connection) => this.#open(visit, access, connection),
      decline: () => this.#admission.leave(access.user),
    }
  }

  #open({ filter, start }: Visit, access: Access, connection: ViewerConnection): Guest {
    const { logger, clock } = this.#tail.config
    logger.info({ ...access, filter: filter.definition, start }, 'live tail opened')
    const openedMs = clock.monotonicMs()
    const viewer = this.#tail.watch(filter, start, connection)
    let isHere = true
    return {
      resume: () => viewer.flush(),
      leave: () => {
        if (!isHere) return
        isHere = false
        const { shown, notShown } = viewer
        this.#tail.leave(viewer)
        this.#admission.leave(access.user)
        const durationMs = Math.round(clock.monotonicMs() - openedMs)
        logger.info({ ...access, shown, notShown, durationMs }, 'live tail closed')
      },
    }
  }

  /** A visit has entered, and has to leave. */
  #visit(request: IncomingMessage, user: string): Visit | Refusal {
    const denial = denialOf(request, this.#options.token) ?? this.#otherSite(request)
    if (denial !== undefined) return denial
    const parameters = new URLSearchParams((request.url ?? '').split('?', 2)[1])
    try {
      const filter = compileFilter(filterOfParameters(parameters))
      const visit = { filter, start: startOf(request, parameters) }
      return this.#admission.enter(user) ?? visit
    } catch (error) {
      return { status: 400, reason: errorMessage(error) }
    }
  }

  /** A page of another site could be made to connect by a browser. With a token, only a program that knows it connects. */
  #otherSite({ headers }: IncomingMessage): Refusal | undefined {
    const { origin, host } = headers
    if (this.#options.token !== undefined || origin === undefined) return undefined
    if (URL.canParse(origin) && new URL(origin).host === host) return undefined
    return { status: 403, reason: 'pages of other sites are not answered' }
  }

  #userOf({ headers, socket }: IncomingMessage): string {
    const { userHeader } = this.#options
    const named = userHeader === undefined ? undefined : headers[userHeader.toLowerCase()]
    return (Array.isArray(named) ? named[0] : named) ?? socket.remoteAddress ?? ''
  }
}

/** A client that comes back says where it was, whatever it asked for first. */
function startOf({ headers }: IncomingMessage, parameters: URLSearchParams): ViewerStart {
  const place = headers['last-event-id'] ?? parameters.get('lastEventId')
  if (typeof place === 'string' && place !== '') return { place }
  const timestampMs = timeParameter(parameters, 'from')
  return timestampMs === undefined ? 'live' : { timestampMs }
}
