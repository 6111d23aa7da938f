import { type Document, isAlias, visit, type YAMLError } from 'yaml'

/** Why a text is no YAML, and what to do about it. */
export interface YamlMistake {
  /** Position in the text. */
  readonly at: number
  readonly message: string
}

/** In plain words, for mistakes that people make; the parser's own sentence for the others. */
const sentences: Partial<Readonly<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'the line is indented by a tab: use spaces',
  DUPLICATE_KEY: 'the name is there twice: remove or rename one of the two',
  MULTIPLE_DOCS: 'a second document begins: a file holds one, remove the line ---',
  BLOCK_AS_IMPLICIT_KEY: 'the text has a colon and a blank in it: put it between quotes',
  BAD_SCALAR_START: 'a text cannot begin with this character: put it between quotes',
  BAD_DQ_ESCAPE: 'a backslash between double quotes begins an escape: use single quotes, or write it twice',
}

/** The mistakes of a document that was parsed; empty where it can be read. */
export function yamlMistakes(document: Document): readonly YamlMistake[] {
  const { errors } = document
  if (errors.length === 0) return aliasMistakes(document)
  // One mistake makes the parser stumble over all that follows.
  const first = errors.filter(({ code }, index) => index === 0 || code !== 'UNEXPECTED_TOKEN')
  return first.map(({ code, pos, message }) => ({
    at: pos[0],
    message: sentences[code] ?? `${message}: correct the YAML here, or in the line before`,
  }))
}

function aliasMistakes(document: Document): readonly YamlMistake[] {
  const mistakes: YamlMistake[] = []
  let lastAt: number | undefined
  visit(document, {
    Alias(_, alias) {
      lastAt = alias.range?.[0] ?? 0
      if (!isAlias(alias) || alias.resolve(document) !== undefined) return
      const message = `there is no &${alias.source} before *${alias.source}: define it, or put the text between quotes`
      mistakes.push({ at: alias.range?.[0] ?? 0, message })
    },
  })
  return mistakes.length > 0 || lastAt === undefined || canBeWritten(document) ? mistakes : [tooManyAliases(lastAt)]
}

/** A few lines of aliases of aliases can say so much that no memory holds it: the parser refuses that. */
function canBeWritten(document: Document): boolean {
  try {
    document.toJS()
    return true
  } catch {
    return false
  }
}

function tooManyAliases(at: number): YamlMistake {
  return { at, message: 'aliases repeat too much here: write out what they repeat, or use fewer of them' }
}
