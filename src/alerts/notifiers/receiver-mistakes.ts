import type { NoticePlan } from '../notices/notice-plan.ts'

/** Needs no notifier: its notices are in the topic and in the log. */
export const logReceiver = 'log'

/**
 * Where receivers and notifiers do not fit: a sentence for each mistake, with its fix. `notifiers`: their names; undefined
 * where there is no file of notifiers, and nobody is reached.
 */
export function receiverMistakes(
  { receivers }: NoticePlan,
  notifiers: readonly string[] | undefined,
): readonly string[] {
  if (notifiers === undefined) return []
  const names = [...receivers.keys()]
  const unreached = names.filter((name) => name !== logReceiver && !notifiers.includes(name))
  const unused = notifiers.filter((name) => !receivers.has(name))
  return [
    ...unreached.map(
      (name) => `receiver ${name} has no notifier: add one of this name, or name one of ${listOf(notifiers)}`,
    ),
    ...unused.map(
      (name) => `notifier ${name} has no receiver: give it the name of one of ${listOf(names)}, or remove it`,
    ),
  ]
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
