/** A part of a text; one object is reused for all. */
export interface Span {
  start: number
  end: number
}

/** Finds one kind of value around a sign that the first look met. Takes time within a bound, or as long as its find. */
export interface Detector {
  /** In small letters; `#` is a digit. A value without one of them is not found. */
  readonly signs: readonly string[]
  /** `at` is the last character of the sign; nothing before `from` may be part of the find. Sets `span` where it is true. */
  find(text: string, at: number, from: number, span: Span): boolean
}
