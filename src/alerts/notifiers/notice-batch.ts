import type { SinkBatch } from '../../sinks/batch-target.ts'
import type { SinkRecord, SinkRejection } from '../../sinks/port.ts'
import type { Notice } from '../notice.ts'
import type { NotifierMessage } from './notifier.ts'

/** A notice that waits to be sent. */
export interface WaitingNotice<Message extends NotifierMessage> {
  readonly record: SinkRecord
  readonly id: string
  readonly dedupKey: string
  readonly message: Message
}

export interface NoticeBatchSettings<Message extends NotifierMessage> {
  readonly maxBytes: number
  /** Throws for a record that is no notice, or whose notice cannot be rendered. */
  readonly noticeOf: (record: SinkRecord) => Notice
  readonly render: (notice: Notice) => Message
  /** Called with a notice that is rejected after it failed repeatedly. */
  readonly givenUp: (notice: WaitingNotice<Message>) => void
}

/** Notices that one write sends, one after another. */
export class NoticeBatch<Message extends NotifierMessage> implements SinkBatch {
  readonly #settings: NoticeBatchSettings<Message>
  readonly #notices: WaitingNotice<Message>[]
  #bytes: number

  constructor(settings: NoticeBatchSettings<Message>, notices: WaitingNotice<Message>[] = []) {
    this.#settings = settings
    this.#notices = notices
    this.#bytes = notices.reduce((sum, { message }) => sum + message.bytes, 0)
  }

  get records(): number {
    return this.#notices.length
  }

  get bytes(): number {
    return this.#bytes
  }

  get notices(): readonly WaitingNotice<Message>[] {
    return this.#notices
  }

  add(record: SinkRecord): boolean {
    const { maxBytes, noticeOf, render } = this.#settings
    const notice = noticeOf(record)
    const message = render(notice)
    if (this.#notices.length > 0 && this.#bytes + message.bytes > maxBytes) return false
    this.#notices.push({ record, id: notice.id, dedupKey: notice.dedupKey, message })
    this.#bytes += message.bytes
    return true
  }

  /** A batch of some of its notices. */
  pick(notices: readonly WaitingNotice<Message>[]): this {
    return new NoticeBatch(this.#settings, [...notices]) as this
  }

  halves(): readonly this[] {
    const middle = this.#notices.length >> 1
    return [this.pick(this.#notices.slice(0, middle)), this.pick(this.#notices.slice(middle))]
  }

  rejections(code: string, reason: string): readonly SinkRejection[] {
    return this.#notices.map((notice) => {
      this.#settings.givenUp(notice)
      return { record: notice.record, code, reason }
    })
  }

  release(): void {
    // It holds no memory that another batch could use.
  }
}
