import type { Command } from 'commander'
import {
  loadNotices,
  loadNotifiers,
  loadRules,
  loadWatches,
  type NoticesDefinition,
  NoticesError,
  NotifiersError,
  receiverMistakes,
  AlertRuleError,
  WatchesError,
} from '../../../alerts/index.ts'
import { counted } from '../../../core/counted.ts'
import { type FileMistake, mistakesText, YamlFile } from '../../../pipelines/load/yaml-file.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { readAlertFile } from '../alert-file.ts'
import { namesTogether } from '../names-together.ts'

/** undefined: not given. */
interface CheckedFiles {
  readonly rules: string | undefined
  readonly notices: string | undefined
  readonly notifiers: string | undefined
  readonly watches: string | undefined
}

interface CheckOptions extends Partial<CheckedFiles> {
  readonly json?: boolean
}

/** A mistake with its file; line 0: it is between two files. */
type Found = FileMistake & { readonly file: string }

/** `millrace alerts check`: the files of rules, notices, notifiers and watches, by themselves and together. */
export function addAlertsCheck(alerts: Command, cli: Cli): void {
  const command = alerts
    .command('check')
    .description(
      'Checks the files that a worker would load, also the names that they use of each other. Exit code 1: there are mistakes. Secrets of notifiers have to be set, as for the worker.',
    )
    .option('--rules <file>', 'the rules (ALERTS_FILE)')
    .option('--notices <file>', 'who is notified (ALERTS_NOTICES_FILE)')
    .option('--notifiers <file>', 'how receivers are reached (ALERTS_NOTIFIERS_FILE)')
    .option('--watches <file>', 'which topics are judged by models (ALERTS_WATCHES_FILE)')
    .option('--json', 'print JSON')
  withExamples(command, 'millrace alerts check --rules rules.yaml --notices notices.yaml --notifiers notifiers.yaml')
  cli.action<CheckOptions>(command, async (options) => {
    const { environment } = cli.host
    const given: CheckedFiles = {
      rules: options.rules ?? environment.ALERTS_FILE,
      notices: options.notices ?? environment.ALERTS_NOTICES_FILE,
      notifiers: options.notifiers ?? environment.ALERTS_NOTIFIERS_FILE,
      watches: options.watches ?? environment.ALERTS_WATCHES_FILE,
    }
    const files = Object.values(given).filter((file) => file !== undefined)
    if (files.length === 0) {
      cli.warn('no file is named: give --rules, --notices, --notifiers or --watches')
      return 2
    }
    const found = await mistakesOf(cli, given)
    if (options.json === true) cli.printJson({ files, mistakes: found })
    else if (found.length === 0) cli.print(`${files.join(', ')}: no mistakes`)
    else for (const mistake of found) cli.print(textOf(mistake))
    if (found.length > 0 && options.json !== true) cli.warn(counted(found.length, 'mistake'))
    return found.length > 0 ? 1 : 0
  })
}

function textOf(mistake: Found): string {
  return mistake.line === 0 ? `${mistake.file}: ${mistake.message}` : mistakesText(mistake.file, [mistake])
}

async function mistakesOf(cli: Cli, files: CheckedFiles): Promise<readonly Found[]> {
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
  const rules = await load(files.rules, loadRules)
  const notices = await load(files.notices, loadNotices)
  const notifiers = await load(files.notifiers, (text, file) => loadNotifiers(text, file, { environment }))
  await load(files.watches, loadWatches)
  if (notices === undefined) return found
  const read = new YamlFile(notices.text)
  const definition = read.value as NoticesDefinition
  const together = read.located(namesTogether(definition, rules?.loaded))
  found.push(...together.map((mistake) => ({ file: notices.file, ...mistake })))
  const names = notifiers?.loaded.map(({ name }) => name)
  const file = `${notices.file}, ${notifiers?.file}`
  for (const message of receiverMistakes(notices.loaded, names)) found.push({ file, line: 0, place: '', message })
  return found
}

function isOfFile(error: unknown): error is AlertRuleError | NoticesError | NotifiersError | WatchesError {
  return [AlertRuleError, NoticesError, NotifiersError, WatchesError].some((kind) => error instanceof kind)
}
