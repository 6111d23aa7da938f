/** How the results of one topic differ from those that they should be. */
export interface TopicVerdict {
  readonly topic: string
  /** Results that there should be, and that there are. */
  readonly expected: number
  readonly found: number
  readonly lost: number
  readonly doubled: number
  readonly wrong: number
}
