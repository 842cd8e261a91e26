import { readFileSync } from 'node:fs'
import { Client, SniffingTransport } from '@elastic/elasticsearch'
import type { ElasticsearchConfig } from './config.ts'

type RawTransportOptions = ConstructorParameters<typeof SniffingTransport>[0]

/** The same transport without what OpenSearch fails: the product header, and media types that name a version. */
class OpenSearchTransport extends SniffingTransport {
  constructor(options: RawTransportOptions) {
    super({ ...options, productCheck: undefined, vendoredHeaders: undefined })
  }
}

/**
 * The client of version 8 asks for `compatible-with=8`, which servers 8 and 9 both understand. Its own retries are off:
 * the host retries.
 */
export function clientOf(config: ElasticsearchConfig): Client {
  const { api_key, username, password, ca_file } = config
  return new Client({
    nodes: typeof config.url === 'string' ? [config.url] : [...config.url],
    auth: api_key
      ? { apiKey: api_key.reveal() }
      : username && password
        ? { username, password: password.reveal() }
        : undefined,
    tls: ca_file ? { ca: readFileSync(ca_file) } : undefined,
    maxRetries: 0,
    compression: true,
    // Keeps the answer's headers (Retry-After) in errors and takes authorization out of them.
    redaction: { type: 'replace' },
    ...(config.flavour === 'opensearch' ? { Transport: OpenSearchTransport } : {}),
  })
}
