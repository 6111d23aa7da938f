import type { KeyboardEvent } from 'react'

/** What a key does to the group that has the focus. */
export type AlertCommand = 'open' | 'acknowledge' | 'silence'
type Step = 'next' | 'previous'

const commands: Readonly<Record<string, AlertCommand | Step>> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Enter: 'open',
  a: 'acknowledge',
  s: 'silence',
}

const cardSelector = '[data-group]'

/** The command of a key, and the group that has the focus. Keys that belong to what somebody writes in or presses have none. */
export function alertCommandOf({ target, key, ctrlKey, metaKey, altKey }: KeyboardEvent): {
  readonly command?: AlertCommand | Step | undefined
  readonly groupId?: string | undefined
} {
  if (ctrlKey || metaKey || altKey || !(target instanceof HTMLElement)) return {}
  if (target.closest('input, textarea, select, dialog') !== null) return {}
  if (target.closest('button, a') !== null && key === 'Enter') return {}
  const groupId = target.closest<HTMLElement>(cardSelector)?.dataset.group
  return { command: Object.hasOwn(commands, key) ? commands[key] : undefined, groupId }
}

/** To another group; to the first one where none has the focus. */
export function moveFocus(list: HTMLElement, step: Step): void {
  const cards = [...list.querySelectorAll<HTMLElement>(cardSelector)]
  const at = cards.findIndex((card) => card.contains(document.activeElement))
  cards[at < 0 ? 0 : at + (step === 'next' ? 1 : -1)]?.focus()
}
