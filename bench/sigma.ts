// `npm run bench -- sigma [--data FOLDER] [--benign N]`: false alerts of the rules of the fleet in N harmless lines, and
// their cost. With FOLDER, a checkout of https://github.com/SigmaHQ/sigma: how many of its rules compile and fire for their
// own regression events, what an event costs, and its rules for web, linux and applications over the same lines. Exit code 1
// below the goals.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { parse } from 'yaml'
import { SecurityRules } from '../src/alerts/index.ts'
import { type SigmaRule, SigmaRules } from '../src/detection/index.ts'
import { median } from './median.ts'
import { falseAlerts } from './sigma/false-alerts.ts'

const compiledMin = 0.99
const rounds = 7
const eventsPerRound = 5000
const falseAlertsMax = 1
const ruleFolders = ['rules', 'rules-emerging-threats', 'rules-threat-hunting']

const options = new Command()
  .option('--data <folder>', 'a checkout of https://github.com/SigmaHQ/sigma')
  .option('--benign <lines>', 'how many harmless lines', '1000000')
  .parse()
  .opts<{ data?: string; benign: string }>()
const benign = Number(options.benign)
const mapping = { name: 'security/mapping.yaml', text: readFileSync('security/mapping.yaml', 'utf8') }

const own = reportFalseAlerts('security/rules', ['security/rules'])
if (own > (falseAlertsMax * benign) / 1e6) process.exitCode = 1
if (options.data === undefined) {
  console.log('without --data, the rules of https://github.com/SigmaHQ/sigma are left out')
  process.exit()
}
const data = options.data
const missing = [...ruleFolders, 'regression_data'].filter((folder) => !existsSync(join(data, folder)))
if (missing.length > 0) {
  console.error(`${missing.join(', ')} are not in ${data}: it is no checkout of https://github.com/SigmaHQ/sigma`)
  process.exit(1)
}
for (const folder of ['rules/web', 'rules/linux', 'rules/application']) reportFalseAlerts(folder, [join(data, folder)])

const rules = new SigmaRules()
const byId = new Map<string, SigmaRule>()
const files = ruleFolders.flatMap((folder) => filesOf(join(data, folder), '.yml'))
const refused = files.flatMap((file) => {
  try {
    for (const rule of rules.add(readFileSync(file, 'utf8'), file.slice(data.length + 1))) byId.set(rule.id, rule)
    return []
  } catch (error) {
    return [String(error)]
  }
})
console.log(`${rules.size} rules of ${files.length} files compile`)
for (const reason of refused) console.log(`  ${reason}`)
if (1 - refused.length / files.length < compiledMin) process.exitCode = 1

const regressions = filesOf(join(data, 'regression_data'), 'info.yml').flatMap(regressionsOf)
const missed = regressions.filter(
  ({ rule, events }) => rule === undefined || !events.some((event) => fires(rule, event)),
)
console.log(`${regressions.length - missed.length} of ${regressions.length} regression events fire their rule`)
for (const { title } of missed) console.log(`  missed: ${title}`)
if (missed.length > 0) process.exitCode = 1

console.log('\nus an event of a usual kind, over all rules of a folder')
reportCost('rules/web', {
  'c-ip': '192.0.2.7',
  'cs-method': 'GET',
  'cs-uri-stem': '/shop/cart',
  'cs-uri-query': 'item=5&count=2',
  'cs-user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
  'cs-referer': 'https://shop.example/',
  'sc-status': 200,
})
reportCost('rules/linux', {
  message: 'Accepted publickey for ann from 192.0.2.7 port 5022 ssh2',
  Image: '/usr/bin/ls',
  CommandLine: 'ls -la /home/ann',
  ParentImage: '/bin/bash',
  User: 'ann',
})
reportCost('rules/application', {
  message: 'IllegalStateException: no stock for order 5 at shop.Cart.order',
  level: 'error',
  service: 'shop',
  host: 'web-1',
})
reportCost('rules/windows/process_creation', {
  Image: String.raw`C:\Windows\System32\svchost.exe`,
  CommandLine: String.raw`C:\Windows\system32\svchost.exe -k netsvcs`,
  ParentImage: String.raw`C:\Windows\System32\services.exe`,
  OriginalFileName: 'svchost.exe',
  User: String.raw`NT AUTHORITY\SYSTEM`,
})

interface Regression {
  readonly title: string
  readonly rule: SigmaRule | undefined
  readonly events: readonly Readonly<Record<string, unknown>>[]
}

/** Also by way of all rules, which pass over most of them. */
function fires(rule: SigmaRule, event: Readonly<Record<string, unknown>>): boolean {
  return rule.matches(event) && rules.matching(event).includes(rule)
}

function regressionsOf(info: string): readonly Regression[] {
  const { rule_metadata: named } = parse(readFileSync(info, 'utf8')) as {
    readonly rule_metadata: readonly { readonly id: string; readonly title: string }[]
  }
  return filesOf(join(info, '..'), '.json').flatMap((file) => {
    const events = eventsOf(readFileSync(file, 'utf8')).map(flatEvent)
    return named.map(({ id, title }) => ({ title, rule: byId.get(id), events }))
  })
}

interface WindowsEvent {
  readonly Event: {
    readonly System: Readonly<Record<string, unknown>>
    readonly EventData?: Readonly<Record<string, unknown>> | null
    readonly UserData?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null
  }
}

/** Some files hold several objects, one after another. */
function eventsOf(text: string): readonly WindowsEvent[] {
  try {
    return [JSON.parse(text) as WindowsEvent]
  } catch {
    const parts = text.split(/^\}\s*$/m).filter((part) => part.trim() !== '')
    return parts.map((part) => JSON.parse(`${part}}`) as WindowsEvent)
  }
}

/** As collectors of Windows events name their fields. */
function flatEvent({ Event: { System, EventData, UserData } }: WindowsEvent): Readonly<Record<string, unknown>> {
  const data = { ...EventData, ...Object.values(UserData ?? {}).find((one) => typeof one === 'object') }
  const named = Object.entries(data).map(([name, value]) => [name.replaceAll(' ', ''), value] as const)
  return { ...Object.fromEntries(named), Channel: System.Channel, Computer: System.Computer, EventID: System.EventID }
}

function reportCost(folder: string, event: Readonly<Record<string, unknown>>): void {
  const own = new SigmaRules()
  for (const file of filesOf(join(data, folder), '.yml')) own.add(readFileSync(file, 'utf8'), file)
  const round = (): number => {
    const before = process.cpuUsage()
    for (let index = 0; index < eventsPerRound; index++) own.matching(event)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / eventsPerRound
  }
  round()
  const us = median(Array.from({ length: rounds }, round))
  console.log(`  ${folder.padEnd(32)} ${String(own.size).padStart(5)} rules ${us.toFixed(2).padStart(8)} us`)
}

function reportFalseAlerts(name: string, folders: readonly string[]): number {
  const found = folders.flatMap((folder) => [...filesOf(folder, '.yml'), ...filesOf(folder, '.yaml')])
  const texts = found.map((file) => ({ name: file, text: readFileSync(file, 'utf8') }))
  const { byRule, examples, microseconds } = falseAlerts(SecurityRules.load(texts, mapping), benign)
  const sum = [...byRule.values()].reduce((all, count) => all + count, 0)
  console.log(`${name}: ${sum} false alerts in ${benign} harmless lines, ${microseconds.toFixed(2)} us a line`)
  for (const [rule, count] of byRule) console.log(`  ${count} ${rule}: ${(examples.get(rule) ?? '').slice(0, 150)}`)
  return sum
}

function filesOf(folder: string, end: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name))
}
