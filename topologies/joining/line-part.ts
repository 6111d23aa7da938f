/** A part of a line that a container runtime has cut; texts as latin-1. */
export interface LinePart {
  /** What is around the text. It says that nothing of the line is missing. */
  readonly before: string
  readonly text: string
  readonly after: string
  /** More of the line follows. */
  readonly isOpen: boolean
  /** The record names its container or file; otherwise only its key can. */
  readonly namesSource: boolean
  /** Tells what the record itself says of its source: parts of two streams come between each other. */
  readonly stream: string
}
