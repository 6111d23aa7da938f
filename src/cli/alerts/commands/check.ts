import type { Command } from 'commander'
import {
  loadNotices,
  loadNotifiers,
  loadRules,
  type NoticesDefinition,
  NoticesError,
  NotifiersError,
  AlertRuleError,
} from '../../../alerts/index.ts'
import { counted } from '../../../core/counted.ts'
import { type FileMistake, mistakesText, YamlFile } from '../../../pipelines/load/yaml-file.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { readAlertFile } from '../alert-file.ts'
import { namesTogether, unusedNotifiers } from '../names-together.ts'

interface CheckOptions {
  readonly rules?: string
  readonly notices?: string
  readonly notifiers?: string
  readonly json?: boolean
}

/** A mistake with its file. */
type Found = FileMistake & { readonly file: string }

/** `millrace alerts check`: the files of rules, notices and notifiers, by themselves and together. */
export function addAlertsCheck(alerts: Command, cli: Cli): void {
  const command = alerts
    .command('check')
    .description(
      'Checks the files that a worker would load, also the names that they use of each other. Exit code 1: there are mistakes. Secrets of notifiers have to be set, as for the worker.',
    )
    .option('--rules <file>', 'the rules')
    .option('--notices <file>', 'who is notified')
    .option('--notifiers <file>', 'how receivers are reached')
    .option('--json', 'print JSON')
  withExamples(command, 'millrace alerts check --rules rules.yaml --notices notices.yaml --notifiers notifiers.yaml')
  cli.action<CheckOptions>(command, async (options) => {
    const { rules, notices, notifiers, json } = options
    const files = [rules, notices, notifiers].filter((file) => file !== undefined)
    if (files.length === 0) {
      cli.warn('no file is named: give --rules, --notices or --notifiers')
      return 2
    }
    const found = await mistakesOf(cli, options)
    if (json === true) cli.printJson({ files, mistakes: found })
    else if (found.length === 0) cli.print(`${files.join(', ')}: no mistakes`)
    else for (const mistake of found) cli.print(mistakesText(mistake.file, [mistake]))
    if (found.length > 0 && json !== true) cli.warn(counted(found.length, 'mistake'))
    return found.length > 0 ? 1 : 0
  })
}

async function mistakesOf(cli: Cli, options: CheckOptions): Promise<readonly Found[]> {
  const found: Found[] = []
  const load = async <Loaded>(file: string | undefined, make: (text: string, file: string) => Loaded) => {
    if (file === undefined) return undefined
    const text = await readAlertFile(cli, file)
    try {
      return { file, text, loaded: make(text, file) }
    } catch (error) {
      if (!isOfFile(error)) throw error
      found.push(...error.mistakes.map((mistake) => ({ file, ...mistake })))
      return undefined
    }
  }
  const { environment } = cli.host
  const rules = await load(options.rules, loadRules)
  const notices = await load(options.notices, loadNotices)
  const notifiers = await load(options.notifiers, (text, file) => loadNotifiers(text, file, { environment }))
  if (notices === undefined) return found
  const read = new YamlFile(notices.text)
  const definition = read.value as NoticesDefinition
  const names = notifiers === undefined ? undefined : new Set(notifiers.loaded.map(({ name }) => name))
  const together = read.located(namesTogether(definition, { rules: rules?.loaded, notifiers: names }))
  found.push(...together.map((mistake) => ({ file: notices.file, ...mistake })))
  for (const name of notifiers === undefined ? [] : unusedNotifiers(definition, names ?? new Set()))
    cli.warn(`${notifiers?.file}: no receiver has the name of notifier ${name}: it is never used`)
  return found
}

function isOfFile(error: unknown): error is AlertRuleError | NoticesError | NotifiersError {
  return error instanceof AlertRuleError || error instanceof NoticesError || error instanceof NotifiersError
}
