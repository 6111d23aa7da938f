/** What a viewer gets: `data` is JSON on one line. */
export interface ViewerEvent {
  /**
   * - `lines`: logs
   * - `heartbeat`: there are none, and the connection lives
   * - `gap`: what was between the place of the viewer and the lines that follow cannot be shown, with the reason
   * - `end`: the time window is over
   * - `failed`: the tail has ended
   */
  readonly type: 'lines' | 'heartbeat' | 'gap' | 'end' | 'failed'
  /** Where to continue after this event; undefined: where the event before says. */
  readonly place: string | undefined
  readonly data: string
}

/** The connection of one viewer. */
export interface ViewerConnection {
  /** False: it has not taken yet what was sent. */
  readonly isWritable: boolean
  send(event: ViewerEvent): void
  /** Ends it; what was sent before still goes out. */
  end(): void
  /** Ends it at once, and drops what it has not taken. */
  cut(): void
}

/** Lines that a viewer did not get, since it was opened, by their reason. */
export interface NotShown {
  /** More lines a second than a viewer, or all viewers together, may have. */
  readonly rate: number
  /** The filter did not ask for them. */
  readonly filter: number
  /** The viewer was too slow. */
  readonly buffer: number
}
