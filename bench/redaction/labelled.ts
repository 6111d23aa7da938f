import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A text of which it is known what is secret in it. */
export interface LabelledText {
  readonly kind: string
  readonly text: string
  readonly secrets: readonly string[]
}

/** The set that was written by hand. */
export function writtenTexts(folder: string): readonly LabelledText[] {
  const secrets = lines(join(folder, 'secrets.jsonl')).map((line) => JSON.parse(line) as LabelledText)
  const harmless = lines(join(folder, 'harmless.txt')).map((text) => ({ kind: 'harmless', text, secrets: [] }))
  return [...secrets, ...harmless]
}

export function lines(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

type Random = () => number

/** The same numbers for the same seed (mulberry32). */
function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function word(random: Random, length: number, alphabet = letters): string {
  return Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('')
}

function digits(random: Random, length: number): string {
  return word(random, length, '0123456789')
}

function card(random: Random): string {
  const issuer = ['4', '51', '55', '2221', '6011'][Math.floor(random() * 5)] ?? '4'
  const start = issuer + digits(random, 15 - issuer.length)
  const sum = Array.from(start, Number).reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return `${start}${(10 - (sum % 10)) % 10}`
}

function iban(random: Random): string {
  const account = `${word(random, 4, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')}${digits(random, 10)}`
  const number = Array.from(`${account}NL00`, (character) => String(Number.parseInt(character, 36))).join('')
  return `NL${String(98n - (BigInt(number) % 97n)).padStart(2, '0')}${account}`
}

/** Values that are known by their look. */
const looks: Readonly<Record<string, (random: Random) => string>> = {
  card,
  'card in groups': (random) => card(random).replace(/(\d{4})(?=\d)/g, '$1 '),
  iban,
  email: (random) => `${word(random, 6, letters.slice(0, 26))}.${word(random, 4)}@${word(random, 5)}.example.com`,
  'web token': (random) => `eyJ${word(random, 20)}.eyJ${word(random, 30)}.${word(random, 40)}`,
  'key of AWS': (random) => `AKIA${word(random, 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
  'token of GitHub': (random) => `ghp_${word(random, 36)}`,
  'token of Slack': (random) => `xoxb-${digits(random, 12)}-${word(random, 24)}`,
  'identity number': (random) =>
    `${200 + Math.floor(random() * 400)}-${10 + Math.floor(random() * 89)}-${1000 + Math.floor(random() * 8999)}`,
  telephone: (random) => `+49 30 ${digits(random, 8).replace(/^0/, '1')}`,
}

const lookPlaces: readonly ((value: string) => string)[] = [
  (value) => `2026-11-24T08:00:00Z INFO shop got ${value} now`,
  (value) => `level=info value="${value}"`,
  (value) => JSON.stringify({ time: 1764374400123, msg: 'x', more: { list: [value] } }),
  (value) => JSON.stringify({ msg: JSON.stringify({ a: value }) }),
  (value) => `items: [${value}, ${value}];`,
  (value) => `(${value})`,
]

const names =
  'password passwd DB_PASSWORD userPassword pwd client_secret apiKey api-key X-Api-Key secretKey accessToken refresh_token private_key passphrase AWS_SECRET_ACCESS_KEY encryptionKey'.split(
    ' ',
  )

/** Values that are known by their name. */
const namePlaces: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `2026-11-24 08:00:00 INFO ${name}=${value} ok`,
  (name, value) => `level=info ${name}="${value}" ok`,
  (name, value) => `${name}: ${value}`,
  (name, value) => JSON.stringify({ a: 1, [name]: value, b: 2 }),
  (name, value) => JSON.stringify({ msg: `body ${JSON.stringify({ [name]: value })}` }),
  (name, value) => JSON.stringify({ msg: JSON.stringify({ msg: JSON.stringify({ [name]: value }) }) }),
  (name, value) => `GET /a?x=1&${name}=${value}&y=2 HTTP/1.1`,
  (name, value) => `{"${name}"=>"${value}", "a"=>1}`,
  (name, value) => `{'a': 1, '${name}': '${value}'}`,
  (name, value) => `<${name}>${value}</${name}>`,
  (name, value) => `run --${name} ${value} --force`,
  (name, value) => `${name} = ${value}`,
]

/** Every kind in every place, some times over. */
export function generatedTexts(seed: number, rounds: number): readonly LabelledText[] {
  const random = seeded(seed)
  const texts: LabelledText[] = []
  for (let round = 0; round < rounds; round++) {
    for (const [kind, make] of Object.entries(looks)) {
      for (const place of lookPlaces) {
        const value = make(random)
        texts.push({ kind, text: place(value), secrets: [value] })
      }
    }
    for (const name of names) {
      for (const place of namePlaces) {
        const value = word(random, 12)
        texts.push({ kind: `by name: ${name}`, text: place(name, value), secrets: [value] })
      }
    }
  }
  return texts
}
