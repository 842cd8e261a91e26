import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Decompressed. */
  readonly body: string
}

export interface ReceiverAnswer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** What to do with a request: answer it, never answer it (`hang`), or cut the connection (`cut`). */
export type Reaction = ReceiverAnswer | 'hang' | 'cut'

export interface HttpReceiver {
  readonly url: string
  readonly requests: ReceivedRequest[]
  close(): Promise<void>
}

/** A real HTTP server on its own port, with a given reaction to each request. */
export async function httpReceiver(
  react: (request: ReceivedRequest, count: number) => Reaction | Promise<Reaction>,
  port = 0,
): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((incoming, response) => {
    void received(incoming).then(async (request) => {
      requests.push(request)
      const reaction = await react(request, requests.length)
      if (reaction === 'hang') return
      if (reaction === 'cut') return incoming.socket.destroy()
      response.writeHead(reaction.status, { 'content-type': 'application/json', ...reaction.headers })
      response.end(reaction.body ?? '')
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function received(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const raw = Buffer.concat(chunks)
  const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw).toString('utf8') : raw.toString('utf8')
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body }
}
