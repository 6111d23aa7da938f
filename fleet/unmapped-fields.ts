import { unmappedField } from '../schemas/log-mappings.ts'
import { type Fields, fieldsText, type FieldValue } from '../src/pipelines/index.ts'

/** Of a document that has fields which its index does not take. */
const unmappedTag = '_unmapped'

/** A document with fields that its index does not take: they stay in an object that is not indexed. Nothing is lost of one that it has already. */
export function withUnmapped(kept: Fields, unmapped: Fields): string {
  const before = kept[unmappedField]
  if (before !== undefined) unmapped[unmappedField] = before
  kept[unmappedField] = unmapped
  const tags = tagsIn(kept.tags)
  kept.tags = tags.includes(unmappedTag) ? tags : [...tags, unmappedTag]
  return fieldsText(kept)
}

function tagsIn(value: FieldValue | undefined): readonly FieldValue[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}
