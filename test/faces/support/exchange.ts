import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Posts one message to a server that does this with it; the headers of the answer. */
export async function exchange(
  message: object,
  work: (request: IncomingMessage, response: ServerResponse, body: unknown) => Promise<void>,
): Promise<Headers> {
  const server = createServer((request, response) => void work(request, response, message))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: '{}',
    })
    await answer.text()
    return answer.headers
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
