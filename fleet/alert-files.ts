import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorMessage, MillraceError } from '../src/core/errors.ts'
import {
  loadNotices,
  loadNotifiers,
  loadRules,
  loadWatches,
  logReceiver,
  type ModelWatch,
  notifierChannels as channelsOf,
  type NoticePlan,
  type NotifierFactory,
  notices,
  receiverMistakes,
  type RulePlan,
} from '../src/alerts/index.ts'
import type { Logger } from '../src/index.ts'
import { securityRules } from './security-files.ts'
import type { FleetSettings } from './settings.ts'

/** The names of the files. */
export type AlertFileSettings = Omit<FleetSettings['alerts'], 'sourceSilentMs'>

/** What the files about alerts say. */
export interface AlertFiles {
  readonly rules: readonly RulePlan[]
  readonly notices: NoticePlan
  readonly notifiers: readonly NotifierFactory[]
  /** Topics that are judged by models. */
  readonly watches: readonly ModelWatch[]
}

/** Next to the sources, and next to the folder of what is built from them. */
const folders = ['../alerts', '../../alerts'].map((folder) => join(import.meta.dirname, folder))

function fileOf(name: string): string {
  return join(folders.find((folder) => existsSync(folder)) ?? '', name)
}

/** The rules of `npm start`: rules of the fleet, with short windows. */
export function demonstrationRulesFile(): string {
  return fileOf('demonstration.yaml')
}

/** The rules of the fleet: the file of the setting, or the one in the image. Throws INVALID_ALERT_RULE with every mistake. */
export function alertRules({ rulesFile }: AlertFileSettings): readonly RulePlan[] {
  const path = rulesFile ?? fileOf('fleet.yaml')
  return loadRules(readFileSync(path, 'utf8'), path)
}

/**
 * What the files of the settings say. Throws INVALID_SETTINGS with the mistakes of all of them, and with those between
 * them: receivers that nobody reaches, and notifiers that nobody names.
 *
 * @param environment Where the secrets of notifiers are.
 */
export function readAlertFiles(
  { alerts: settings, security }: { readonly alerts: AlertFileSettings; readonly security: FleetSettings['security'] },
  logger: Logger,
  environment: Readonly<Record<string, string | undefined>>,
): AlertFiles {
  const { notifiersFile, watchesFile } = settings
  const problems: string[] = []
  const attempt = <Value>(read: () => Value): Value | undefined => {
    try {
      return read()
    } catch (error) {
      problems.push(errorMessage(error))
      return undefined
    }
  }
  const ofFile = attempt(() => alertRules(settings))
  const ofSigma = attempt(() => securityRules(security)?.plans ?? [])
  const plan = attempt(() => alertNotices(settings))
  const notifiers = attempt(() =>
    notifiersFile === undefined
      ? undefined
      : loadNotifiers(readFileSync(notifiersFile, 'utf8'), notifiersFile, { environment, logger }),
  )
  const watches = attempt(() =>
    watchesFile === undefined ? [] : loadWatches(readFileSync(watchesFile, 'utf8'), watchesFile),
  )
  if (plan !== undefined)
    problems.push(
      ...receiverMistakes(
        plan,
        notifiers?.map(({ name }) => name),
      ),
    )
  if (problems.length > 0 || ofFile === undefined || ofSigma === undefined || plan === undefined) {
    throw new MillraceError('INVALID_SETTINGS', 'fatal', problems.join('\n'), { details: { problems } })
  }
  return Object.freeze({
    rules: [...ofFile, ...ofSigma],
    notices: plan,
    notifiers: notifiers ?? [],
    watches: watches ?? [],
  })
}

/** Receivers that nobody reaches, because no file of notifiers is named. With a file, each of them is a mistake in it. */
export function unreachedReceivers({ receivers }: NoticePlan, { notifiersFile }: AlertFileSettings): readonly string[] {
  return notifiersFile === undefined ? [...receivers.keys()].filter((name) => name !== logReceiver) : []
}

/** Who is notified: the file of the setting, or nobody. Throws INVALID_NOTICES with every mistake. */
export function alertNotices({ noticesFile }: AlertFileSettings): NoticePlan {
  return noticesFile === undefined ? logged : loadNotices(readFileSync(noticesFile, 'utf8'), noticesFile)
}

/** How receivers are reached, by their names. It needs none of the secrets. Throws INVALID_SETTINGS for a file that cannot be read. */
export function notifierChannels({ notifiersFile }: AlertFileSettings): Readonly<Record<string, string>> {
  if (notifiersFile === undefined) return { [logReceiver]: 'log' }
  try {
    return { [logReceiver]: 'log', ...channelsOf(readFileSync(notifiersFile, 'utf8')) }
  } catch (error) {
    const problem = `${notifiersFile} cannot be read (${errorMessage(error)}): check ALERTS_NOTIFIERS_FILE`
    throw new MillraceError('INVALID_SETTINGS', 'fatal', problem, { details: { problems: [problem] } })
  }
}

/** Without a file, every notice is in the topic and in the log. */
const logged = notices({ receivers: [{ name: logReceiver }], routes: [{ name: 'all', receivers: [logReceiver] }] })
