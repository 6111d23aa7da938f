import { errorCode, errorMessage, MillraceError } from '../core/errors.ts'
import { refusalText } from '../core/http-refusal.ts'
import { jsonText } from '../core/json-text.ts'
import type { Logger } from '../core/logger.ts'
import type { Application } from '../runtime/application/application.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import { pictureGraph } from '../topology/picture/picture-graph.ts'
import type { Topology } from '../topology/topology.ts'
import { lookUpState, stateKinds } from './state-lookup.ts'
import { type LogLevelSwitch, logLevels, SwitchedLogger } from './switched-logger.ts'

/** What the admin pages look at and change. */
export interface AdminOptions {
  /** The application; undefined until there is one: pages that need it then answer 503. */
  readonly application: () => Application | undefined
  /** What `/topology` shows. */
  readonly topology: Topology
  /** Each call is logged here. `/log-level` changes its level if it is of `createPinoLogger`; else it is a 404. */
  readonly logger: Logger
}

/** A request to an admin page. */
export interface AdminRequest {
  readonly method: string
  readonly path: string
  readonly parameters: URLSearchParams
  /** Who asks, for the log: its network address. */
  readonly from: string
}

/** The answer to it. */
export interface AdminAnswer {
  readonly status: number
  /** `text` is sent as it is, everything else as JSON. */
  readonly type: 'json' | 'text'
  readonly body: string
}

type Page = (request: AdminRequest) => AdminAnswer

/**
 * Pages for a person on call: what the topology is, what each task and thread does, rows of state, and three switches.
 * Reading is GET; changing is PUT or POST, so that no link changes anything.
 */
export class Admin {
  readonly #options: AdminOptions
  readonly #pages: ReadonlyMap<string, Page>

  constructor(options: AdminOptions) {
    this.#options = options
    const status = (part: (status: ApplicationStatus) => unknown): Page => {
      return () => json(part(this.#application().status()))
    }
    this.#pages = new Map<string, Page>([
      ['GET /topology', ({ parameters }) => this.#topology(parameters.get('format'))],
      ['GET /tasks', status(({ tasks }) => tasks)],
      ['GET /lag', status(lagOf)],
      ['GET /restore', status(restoreOf)],
      ['GET /threads', status(({ threads }) => threads)],
      ['POST /pause', () => this.#setPaused(true)],
      ['POST /resume', () => this.#setPaused(false)],
      ...(options.logger instanceof SwitchedLogger ? this.#levelPages(options.logger.levelSwitch) : []),
    ])
  }

  /** The paths, for whoever asks for another one. */
  get paths(): readonly string[] {
    const paths = [...this.#pages.keys()].map((page) => page.split(' ')[1] ?? '')
    return [...new Set(paths), ...stateKinds.map((kind) => `/state/STORE/${kind}`)]
  }

  /** The methods that a path takes; none: there is no such page. */
  methodsOf(path: string): readonly string[] {
    if (stateStore(path) !== undefined) return ['GET']
    return [...this.#pages.keys()].filter((page) => page.endsWith(` ${path}`)).map((page) => page.split(' ')[0] ?? '')
  }

  /** Answers and logs a request whose path has its method; never throws. */
  async answer(request: AdminRequest): Promise<AdminAnswer> {
    const { method, path, from } = request
    const answer = await this.#answer(request)
    this.#options.logger.info({ method, path, from, status: answer.status }, 'admin request')
    return answer
  }

  /** Logs that a tap has begun. */
  tapped(path: string, from: string): void {
    this.#options.logger.info({ method: 'GET', path, from, status: 200 }, 'admin request')
  }

  /** The page of the request, or the rows of a store; what either throws is an answer with its code. */
  async #answer(request: AdminRequest): Promise<AdminAnswer> {
    try {
      const asked = stateStore(request.path)
      if (asked !== undefined) {
        const rows = await lookUpState(this.#application(), { ...asked, parameters: request.parameters })
        return { status: 200, type: 'json', body: jsonText({ rows }) ?? '' }
      }
      const page = this.#pages.get(`${request.method} ${request.path}`) as Page
      return page(request)
    } catch (error) {
      return refusal(error)
    }
  }

  /** The application. Throws until the worker has started it: pages that need it answer 503. */
  #application(): Application {
    const application = this.#options.application()
    if (application === undefined) {
      throw new MillraceError('APPLICATION_STARTING', 'retriable', 'the application is starting: ask again')
    }
    return application
  }

  /** As JSON, or as text, Mermaid or the boxes and arrows of a picture where the request asks for it. */
  #topology(format: string | null): AdminAnswer {
    const { topology } = this.#options
    if (format === 'text' || format === 'mermaid') {
      return { status: 200, type: 'text', body: topology.describe(format) }
    }
    if (format === 'graph') return json({ hash: topology.hash(), ...pictureGraph(topology) })
    if (format !== null && format !== 'json') throw refused(`format is ${format}: give json, text, mermaid or graph`)
    return json(topology.toJSON())
  }

  /** A paused application stays in its group and commits; it processes nothing until it is resumed. */
  #setPaused(isPaused: boolean): AdminAnswer {
    const application = this.#application()
    if (isPaused) application.pause()
    else application.resume()
    return json({ isPaused })
  }

  /** There only where the logger of the process can be switched. */
  #levelPages(levelSwitch: LogLevelSwitch): [string, Page][] {
    return [
      ['GET /log-level', () => json(levelSwitch)],
      [
        'PUT /log-level',
        ({ parameters }) => {
          const wanted = parameters.get('level')
          const found = logLevels.find((one) => one === wanted)
          if (found === undefined) throw refused(`level is ${wanted ?? 'missing'}: give ${logLevels.join(', ')}`)
          levelSwitch.level = found
          return json(levelSwitch)
        },
      ],
    ]
  }
}

/** `/state/STORE/KIND` taken apart; undefined for another path. */
function stateStore(path: string): { readonly store: string; readonly kind: string } | undefined {
  const [, store, kind] = /^\/state\/([^/]+)\/([a-z]+)$/.exec(path) ?? []
  if (store === undefined || kind === undefined || !stateKinds.includes(kind)) return undefined
  try {
    return { store: decodeURIComponent(store), kind }
  } catch {
    return undefined
  }
}

/** One row per partition that a task of this process reads. */
function lagOf({ tasks }: ApplicationStatus): unknown {
  return tasks.flatMap(({ taskId, thread, partitions }) =>
    partitions.map(({ topic, partition, lagRecords, lagSeconds }) => {
      // JSON leaves undefined out: a lag that is not known must be seen as such.
      return { topic, partition, taskId, thread, lagRecords: lagRecords ?? null, lagSeconds: lagSeconds ?? null }
    }),
  )
}

/** One row per store that is being restored. */
function restoreOf({ threads }: ApplicationStatus): unknown {
  return threads.flatMap(({ name, restoring }) => restoring.map((store) => ({ thread: name, ...store })))
}

function json(value: unknown): AdminAnswer {
  return { status: 200, type: 'json', body: JSON.stringify(value) }
}

/** The code of the error and its sentence, which never carries a secret. */
function refusal(error: unknown): AdminAnswer {
  const code = errorCode(error)
  const body = refusalText({ code, reason: errorMessage(error) })
  return { status: statusOf(code), type: 'json', body }
}

/** 400 to 409: ask differently. 503: ask again, or ask another process. */
function statusOf(code: string | undefined): number {
  if (code === 'ILLEGAL_ARGUMENT') return 400
  if (code === 'STORE_NOT_FOUND') return 404
  if (code === 'STORE_KIND') return 409
  return code === undefined ? 500 : 503
}

/** What a client can correct: answered with 400. */
function refused(sentence: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', sentence)
}
