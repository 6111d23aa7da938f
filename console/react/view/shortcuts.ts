/** What keys do while the view has the focus. */
export type ViewCommand =
  | 'next'
  | 'previous'
  | 'page-down'
  | 'page-up'
  | 'first'
  | 'last'
  | 'expand'
  | 'collapse'
  | 'pause'
  | 'search'
  | 'filter'
  | 'next-match'
  | 'previous-match'
  | 'help'

/** In the order of the help. */
export const shortcuts: readonly {
  readonly keys: readonly string[]
  readonly command: ViewCommand
  readonly text: string
}[] = [
  { keys: ['j', 'ArrowDown'], command: 'next', text: 'next line' },
  { keys: ['k', 'ArrowUp'], command: 'previous', text: 'previous line' },
  { keys: ['PageDown'], command: 'page-down', text: 'a page down' },
  { keys: ['PageUp'], command: 'page-up', text: 'a page up' },
  { keys: ['g', 'Home'], command: 'first', text: 'oldest line' },
  { keys: ['G', 'End'], command: 'last', text: 'newest line, and follow' },
  { keys: ['Enter'], command: 'expand', text: 'show or hide the whole log' },
  { keys: ['Escape'], command: 'collapse', text: 'hide all details' },
  { keys: ['p', ' '], command: 'pause', text: 'pause or resume' },
  { keys: ['/'], command: 'search', text: 'search in these lines' },
  { keys: ['n'], command: 'next-match', text: 'next match' },
  { keys: ['N'], command: 'previous-match', text: 'previous match' },
  { keys: ['f'], command: 'filter', text: 'filter on the server' },
  { keys: ['?'], command: 'help', text: 'this list' },
]

/** Undefined: the key is not one of ours, or belongs to what somebody writes in. */
export function commandOf(event: {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}): ViewCommand | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  return shortcuts.find(({ keys }) => keys.includes(event.key))?.command
}
