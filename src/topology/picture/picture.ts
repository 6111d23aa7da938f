// Runs in a browser too: it imports nothing.

/** What a picture of a topology shows: topics, nodes and stores, and who gives records to whom. */
export interface PictureGraph {
  readonly items: readonly PictureItem[]
  readonly arrows: readonly PictureArrow[]
}

/** One box of the picture. Ids are unique over topics, nodes and stores. */
export interface PictureItem {
  readonly id: string
  readonly kind: 'topic' | 'source' | 'processor' | 'sink' | 'store'
  readonly text: string
  /** Shown where the pointer rests. */
  readonly hint: string
  /** undefined: a topic, which belongs to none. */
  readonly subtopology: number | undefined
}

/** One line of the picture, between the ids of two items. */
export interface PictureArrow {
  readonly from: string
  readonly to: string
  /** A store is read and written: there is no direction. */
  readonly kind: 'records' | 'store'
}
