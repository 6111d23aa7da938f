import { describe, expect, test } from '@jest/globals'
import { judgeItem, reasonOf } from '../../../src/sinks/elasticsearch/bulk-results.ts'

describe('the result of one document of a bulk request', () => {
  test.each([
    ['created', 201, '', '', 'written'],
    ['overwritten', 200, '', '', 'written'],
    ['overloaded (Elasticsearch)', 429, 'es_rejected_execution_exception', '', 'retry'],
    ['overloaded (OpenSearch)', 429, 'rejected_execution_exception', '', 'retry'],
    ['circuit breaker', 429, 'circuit_breaking_exception', '', 'retry'],
    ['flood stage', 429, 'cluster_block_exception', 'disk usage exceeded flood-stage watermark', 'retry'],
    ['internal error', 500, 'some_exception', '', 'doubtful'],
    ['no shard', 503, 'unavailable_shards_exception', '', 'retry'],
    ['timeout', 504, 'process_cluster_event_timeout_exception', '', 'retry'],
    ['mapping (Elasticsearch)', 400, 'document_parsing_exception', '', 'DOCUMENT_REFUSED'],
    ['mapping (OpenSearch)', 400, 'mapper_parsing_exception', '', 'DOCUMENT_REFUSED'],
    ['strict mapping', 400, 'strict_dynamic_mapping_exception', '', 'DOCUMENT_REFUSED'],
    [
      'field limit',
      400,
      'illegal_argument_exception',
      'Limit of total fields [1000] has been exceeded',
      'DOCUMENT_REFUSED',
    ],
    ['index name', 400, 'invalid_index_name_exception', '', 'DOCUMENT_REFUSED'],
    [
      'shard limit',
      400,
      'validation_exception',
      'this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;',
      'doubtful',
    ],
    ['closed index', 400, 'index_closed_exception', '', 'doubtful'],
    ['no index and none made', 404, 'index_not_found_exception', '', 'doubtful'],
    ['read-only index', 403, 'cluster_block_exception', '', 'INDEX_READ_ONLY'],
    ['no right to write', 403, 'security_exception', '', 'doubtful'],
    ['full disk, as older servers say it', 403, 'cluster_block_exception', 'blocked by: [FORBIDDEN/12/x]', 'retry'],
    ['not a status', Number.NaN, '', '', 'doubtful'],
    ['too large', 413, '', '', 'DOCUMENT_TOO_LARGE'],
  ])('%s: %i %s', (_name, status, type, reason, verdict) => {
    expect(judgeItem({ status, error: { type, reason } }, 'create')).toBe(verdict)
  })

  test('a conflict on create is a document that is there already, on index a conflict', () => {
    const conflict = { status: 409, error: { type: 'version_conflict_engine_exception' } }
    expect(judgeItem(conflict, 'create')).toBe('duplicate')
    expect(judgeItem(conflict, 'index')).toBe('VERSION_CONFLICT')
  })

  test('a reason is bounded', () => {
    expect(reasonOf({ status: 400, error: { type: 'x', reason: 'y'.repeat(5000) } })).toHaveLength(1000)
  })
})
