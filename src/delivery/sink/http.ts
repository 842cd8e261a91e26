import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, { type AxiosInstance } from 'axios'
import { z } from 'zod'
import { withCertificate } from './receiver-certificate.ts'
import { guardedLookup, refusedLiteral } from './ssrf-guard.ts'

/** Connection settings that every HTTP sink spreads into its schema. */
export const httpKeys = {
  ca_file: z
    .string()
    .min(1)
    .optional()
    .describe(
      "PEM file of the certificate authority that signed the receiver's certificate. Set it for a private authority.",
    ),
  cert_file: z.string().min(1).optional().describe('PEM file of the client certificate, for mutual TLS.'),
  key_file: z.string().min(1).optional().describe('PEM file of the key of cert_file.'),
  allow_private: z
    .boolean()
    .default(false)
    .describe('Whether the sink may connect to private, loopback and link-local addresses.'),
}

/** The URL of a receiver. It appears in logs and errors, so it must not contain a password. */
export function httpUrl() {
  return z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => !hasPassword(url),
      'must not contain a user and password; use the keys for credentials, which are never shown',
    )
}

function hasPassword(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { username, password } = new URL(url)
  return username !== '' || password !== ''
}

export interface HttpSettings {
  readonly ca_file?: string
  readonly cert_file?: string
  readonly key_file?: string
  readonly allow_private: boolean
}

export interface HttpRequest {
  readonly method?: 'POST' | 'PUT' | 'GET'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly signal: AbortSignal
}

export interface HttpResponse {
  readonly status: number
  readonly headers: { get(name: string): string | undefined }
  /** At most 1 MiB; a longer response fails the request. */
  readonly body: string
}

const MAX_RESPONSE_BYTES = 1_048_576

/** HTTP client of the sinks: verifies certificates, follows no redirect, refuses private addresses by default, bounds responses. */
export class HttpClient {
  readonly #settings: HttpSettings
  #connection: { axios: AxiosInstance; agents: readonly (HttpAgent | HttpsAgent)[] } | undefined

  constructor(settings: HttpSettings) {
    this.#settings = settings
  }

  /** @throws Error if no response came; `reasonOfSystemError` turns it into a failure reason */
  async send({ method = 'POST', url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    if (!this.#settings.allow_private) {
      const refused = refusedLiteral(url)
      if (refused) throw refused
    }
    const response = await this.#connected()
      .request<string>({ method, url, headers: { ...headers }, data: body, signal })
      .catch(async (error: unknown) => {
        const lookup = this.#settings.allow_private ? undefined : guardedLookup
        throw await withCertificate(error, url, lookup, signal)
      })
    return {
      status: response.status,
      headers: { get: (name) => headerOf(response.headers[name.toLowerCase()]) },
      body: typeof response.data === 'string' ? response.data : '',
    }
  }

  close(): void {
    for (const agent of this.#connection?.agents ?? []) agent.destroy()
    this.#connection = undefined
  }

  #connected(): AxiosInstance {
    if (this.#connection) return this.#connection.axios
    const { ca_file, cert_file, key_file, allow_private } = this.#settings
    const lookup = allow_private ? {} : { lookup: guardedLookup }
    const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 4, ...lookup })
    const httpsAgent = new HttpsAgent({
      keepAlive: true,
      maxSockets: 4,
      ...lookup,
      ca: ca_file && readFileSync(ca_file),
      cert: cert_file && readFileSync(cert_file),
      key: key_file && readFileSync(key_file),
    })
    const instance = axios.create({
      httpAgent,
      httpsAgent,
      proxy: false,
      maxRedirects: 0,
      maxContentLength: MAX_RESPONSE_BYTES,
      maxBodyLength: Number.POSITIVE_INFINITY,
      responseType: 'text',
      transformRequest: [(data) => data],
      transformResponse: [(data) => data],
      validateStatus: () => true,
    })
    this.#connection = { axios: instance, agents: [httpAgent, httpsAgent] }
    return instance
  }
}

function headerOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return String(value[0])
  return value === undefined || value === null ? undefined : String(value)
}
