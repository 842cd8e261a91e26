import type { ReceivedRequest, ReceiverAnswer } from './http-receiver.ts'

/** Elasticsearch's bulk API for one data stream, as documented: create only, item by item, 409 for an id that is there. */
export class StrictBulk {
  readonly documents = new Map<string, Record<string, unknown>>()
  /** The error of a document that the mapping refuses, if it does. */
  refuse: (document: Record<string, unknown>) => string | undefined = () => undefined
  readonly #authorization: string | undefined
  readonly #product: 'elasticsearch' | 'opensearch'

  constructor(options: { readonly authorization?: string; readonly product?: 'elasticsearch' | 'opensearch' } = {}) {
    this.#authorization = options.authorization
    this.#product = options.product ?? 'elasticsearch'
  }

  readonly answer = (request: ReceivedRequest): ReceiverAnswer => {
    const headers: Record<string, string> =
      this.#product === 'elasticsearch' ? { 'x-elastic-product': 'Elasticsearch' } : {}
    if (this.#authorization !== undefined && request.headers.authorization !== this.#authorization) {
      return failed(401, 'security_exception', 'missing authentication credentials', headers)
    }
    const type = String(request.headers['content-type'])
    if (this.#product === 'opensearch' && type.includes('vnd.elasticsearch')) {
      return failed(406, 'media_type_header_exception', `Content-Type header [${type}] is not supported`, headers)
    }
    if (request.method === 'PUT') return { status: 200, headers, body: '{"acknowledged":true}' }
    if (!request.path.endsWith('/_bulk')) return failed(404, 'not_found', 'no such address', headers)
    const lines = request.body.split('\n')
    if (lines.pop() !== '') return failed(400, 'illegal_argument_exception', 'must end with a newline', headers)
    if (lines.length < 2) return failed(400, 'parse_exception', 'request body is required', headers)
    const items = []
    for (let i = 0; i < lines.length; i += 2) items.push({ create: this.#create(lines[i], lines[i + 1]) })
    const errors = items.some((item) => item.create.status >= 300)
    return { status: 200, headers, body: JSON.stringify({ took: 1, errors, items }) }
  }

  #create(action: string, source: string): { _id: string; status: number; error?: object } {
    const { create } = JSON.parse(action) as { create?: { _id: string } }
    if (!create)
      return { _id: '', status: 400, error: { type: 'illegal_argument_exception', reason: 'op_type create only' } }
    const { _id } = create
    if (this.documents.has(_id)) {
      return {
        _id,
        status: 409,
        error: { type: 'version_conflict_engine_exception', reason: 'document already exists' },
      }
    }
    const document = JSON.parse(source) as Record<string, unknown>
    const reason = this.refuse(document)
    if (reason !== undefined) return { _id, status: 400, error: { type: 'document_parsing_exception', reason } }
    this.documents.set(_id, document)
    return { _id, status: 201 }
  }
}

function failed(status: number, type: string, reason: string, headers: Record<string, string>): ReceiverAnswer {
  return { status, headers, body: JSON.stringify({ error: { type, reason }, status }) }
}
