import type { PlainError } from './plain-error.ts'
import { plainError, revivedError } from './plain-error.ts'

/** Where messages go and come from: a worker, or the port of its parent. */
export interface MessageEnd {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
}

/** What one side may tell the other, and what it may ask: the name of a message and its content. */
export interface MessageTable {
  readonly news: object
  readonly questions: object
}

/** The question's content and its answer. */
export interface Question<Content, Answer> {
  readonly content: Content
  readonly answer: Answer
}

type ContentOf<Q> = Q extends Question<infer Content, unknown> ? Content : never
type AnswerOf<Q> = Q extends Question<unknown, infer Answer> ? Answer : never

/** What acts on the messages of the other side: one function for each. */
export type Listeners<Table extends MessageTable> = {
  readonly [Name in keyof Table['news']]: (content: Table['news'][Name]) => void
} & {
  readonly [Name in keyof Table['questions']]: (
    content: ContentOf<Table['questions'][Name]>,
  ) => Promise<AnswerOf<Table['questions'][Name]>> | AnswerOf<Table['questions'][Name]>
}

interface Message {
  readonly name: string
  readonly content: unknown
  /** Of a question and of its answer. */
  readonly id?: number
  readonly error?: PlainError
}

/** How a question ends. */
interface Settlement {
  readonly resolve: (answer: never) => void
  readonly reject: (error: unknown) => void
}

const answerName = 'answer'

/** Typed messages between two threads: `Out` are those that this side sends, `In` those that it gets. */
export class Channel<Out extends MessageTable, In extends MessageTable> {
  readonly #end: MessageEnd
  readonly #waiting = new Map<number, Settlement>()
  #ids = 0
  #closedBy: { readonly error: unknown } | undefined

  constructor(end: MessageEnd, listeners: Listeners<In>) {
    this.#end = end
    end.on('message', (message) => this.#hear(message as Message, listeners))
  }

  tell<Name extends keyof Out['news'] & string>(name: Name, content: Out['news'][Name]): void {
    this.#end.postMessage({ name, content } satisfies Message)
  }

  /** Rejects with what the other side threw, and with the error of `close`. */
  ask<Name extends keyof Out['questions'] & string>(
    name: Name,
    content: ContentOf<Out['questions'][Name]>,
  ): Promise<AnswerOf<Out['questions'][Name]>> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy.error)
    const id = ++this.#ids
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#end.postMessage({ name, content, id } satisfies Message)
    })
  }

  /** The other side is gone: questions that wait, and later ones, reject with this. */
  close(error: unknown): void {
    this.#closedBy ??= { error }
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  #hear({ name, content, id, error }: Message, listeners: Readonly<Record<string, (content: never) => unknown>>): void {
    if (name === answerName) this.#settle(id, content, error)
    else if (id === undefined) listeners[name]?.(content as never)
    else void this.#answer(id, () => listeners[name]?.(content as never))
  }

  #settle(id: number | undefined, content: unknown, error: PlainError | undefined): void {
    const waiting = this.#waiting.get(id ?? 0)
    this.#waiting.delete(id ?? 0)
    if (error === undefined) waiting?.resolve(content as never)
    else waiting?.reject(revivedError(error))
  }

  async #answer(id: number, act: () => unknown): Promise<void> {
    try {
      this.#end.postMessage({ name: answerName, content: await act(), id } satisfies Message)
    } catch (error) {
      this.#end.postMessage({ name: answerName, content: undefined, id, error: plainError(error) } satisfies Message)
    }
  }
}
