import type { Notice } from '../notice.ts'

/**
 * What the answer of a service means for the notice that was sent:
 * - `taken`: the service has it
 * - `wait`: nothing was taken, whatever the notice: the same again later
 * - `notice`: this notice is refused for good; others may pass
 * - `person`: address, key or certificate are wrong; nothing passes before a person acts
 * - `doubtful`: nobody knows: a service in trouble, or a notice that it cannot bear
 */
export type NotifierVerdict = 'taken' | 'wait' | 'notice' | 'person' | 'doubtful'

/** The answer of a service, without any secret. */
export interface NotifierAnswer {
  readonly verdict: NotifierVerdict
  /** Such as SINK_UNAVAILABLE. */
  readonly code: string
  /** A sentence for people; empty for `taken`. */
  readonly reason: string
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
}

/** A notice in the form of a service. */
export interface NotifierMessage {
  /** Its approximate size in memory. */
  readonly bytes: number
}

/** Sends notices to one service; `NotifierTarget` does all that is the same for every service. */
export interface Notifier<Message extends NotifierMessage> {
  /** Checks what can be checked without a message. Throws as `open` of a `BatchTarget`. */
  open(signal: AbortSignal): Promise<void>
  /** The message of a notice, within the limits of the service. Synchronous; an error rejects the notice. */
  render(notice: Notice): Message
  /** Sends one message. Resolves within the configured deadline of a request, and never rejects. */
  send(message: Message, signal: AbortSignal): Promise<NotifierAnswer>
  /** Closes the connections. */
  close(): Promise<void>
}

/** The answer of a service that has the notice. */
export const taken: NotifierAnswer = Object.freeze({ verdict: 'taken', code: '', reason: '', retryAfterMs: undefined })
