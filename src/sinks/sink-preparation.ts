/** Something that the target of a sink holds for it, such as an index template. */
export interface SinkPart {
  /** What it is, such as `index template`. */
  readonly kind: string
  /** Its name at the target. */
  readonly name: string
  /**
   * `newer`: somebody stored a higher version, which stays; `unsupported`: the target cannot hold it. Both are left as
   * they are.
   */
  readonly state: 'equal' | 'missing' | 'different' | 'newer' | 'unsupported'
  /** What differs, as `field: stored -> wanted`. */
  readonly details: readonly string[]
}

/** One thing that was tried at the target. */
export interface SinkFinding {
  /** What was tried, such as `test document`. */
  readonly check: string
  /** `left to you`: it cannot be tried or done from here; `text` says what a person has to look at. */
  readonly result: 'ok' | 'fails' | 'left to you'
  /** What was found, as a sentence. */
  readonly text: string
}

/** What commands do about the target of a sink before a worker uses it. Each call opens its own connection. */
export interface SinkPreparation {
  /** What the target holds beside what it should hold. Changes nothing. Rejects as `open` of the sink does. */
  parts(signal: AbortSignal): Promise<readonly SinkPart[]>
  /** Installs what is missing or different, as `open` of the sink does. */
  install(signal: AbortSignal): Promise<void>
  /** Tries the target; nothing that it writes stays. What does not work is a finding; it does not reject. */
  examine(signal: AbortSignal): Promise<readonly SinkFinding[]>
}
