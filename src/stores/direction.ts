/** The order in which rows are read: by ascending or by descending key. */
export type Direction = 'forward' | 'backward'
