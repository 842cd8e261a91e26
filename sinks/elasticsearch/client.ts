import { readFileSync } from 'node:fs'
import { Client, SniffingTransport } from '@elastic/elasticsearch'
import type { ElasticsearchConfig } from './config.ts'

type RawTransportOptions = ConstructorParameters<typeof SniffingTransport>[0]

/** Transport without the product check and the versioned media types, which OpenSearch does not support. */
class OpenSearchTransport extends SniffingTransport {
  constructor(options: RawTransportOptions) {
    super({ ...options, productCheck: undefined, vendoredHeaders: undefined })
  }
}

/**
 * The client of version 8 requests `compatible-with=8`, which Elasticsearch 8 and 9 understand. Its own retries are
 * off, because the host retries.
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
    // Errors keep the response headers (Retry-After) and lose the authorization.
    redaction: { type: 'replace' },
    ...(config.flavour === 'opensearch' ? { Transport: OpenSearchTransport } : {}),
  })
}
