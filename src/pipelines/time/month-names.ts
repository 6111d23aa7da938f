/** Names of months as logs write them: English, and those of German and French that programs write by their locale. */
const names = [
  'jan january januar janv janvier',
  'feb february februar fev fév févr février',
  'mar march mär mrz märz mars',
  'apr april avr avril',
  'may mai',
  'jun june juni juin',
  'jul july juli juil juillet',
  'aug august aoû août aout',
  'sep sept september septembre',
  'oct october okt oktober octobre',
  'nov november novembre',
  'dec december dez dezember déc décembre',
] as const

const monthOf: ReadonlyMap<string, number> = new Map(
  names.flatMap((month, index) =>
    month.split(' ').flatMap((name) => [name, capitalized(name), name.toUpperCase()].map((form) => [form, index + 1])),
  ),
)

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** 1 to 12; undefined for a word that is no month. */
export function monthOfName(name: string): number | undefined {
  return monthOf.get(name)
}

const weekdays: ReadonlySet<string> = new Set(
  'sun mon tue tues wed weds thu thur thurs fri sat sunday monday tuesday wednesday thursday friday saturday'
    .split(' ')
    .flatMap((name) => [name, capitalized(name), name.toUpperCase()]),
)

export function isWeekday(name: string): boolean {
  return weekdays.has(name)
}
