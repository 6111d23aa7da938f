import { compare, isEqual } from './compare.ts'
import { readVectors, vectorFiles, vectorFolder } from './read-vectors.ts'
import { differencesOf, tableOf } from './report.ts'
import { runVector } from './run-vector.ts'

// `npm run conformance -- [FOLDER or FILE …]`: every scenario against what Kafka Streams made of it; exit code 1 unless all
// are equal, 2 when there is nothing to run.
const given = process.argv.slice(2)
const files = (given.length === 0 ? [vectorFolder()] : given).flatMap((path) => vectorFiles(path))
const compared = files.flatMap(readVectors).map((vector) => ({
  name: vector.name,
  family: vector.family,
  comparison: compare(vector.expect, runVector(vector)),
}))
if (compared.length === 0) {
  console.error(`no scenarios (.jsonl or .jsonl.gz) in ${given.join(', ') || vectorFolder()}`)
  process.exitCode = 2
} else {
  console.log(tableOf(compared))
  const different = compared.filter(({ comparison }) => !isEqual(comparison))
  if (different.length > 0) console.log(`\n${differencesOf(different)}`)
  console.log(`\n${compared.length - different.length} of ${compared.length} scenarios equal Kafka Streams`)
  process.exitCode = different.length === 0 ? 0 : 1
}
