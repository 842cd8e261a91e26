import { completable } from '@modelcontextprotocol/sdk/server/completable.js'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  type CallToolResult,
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
  type ListToolsResult,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

/** One red pixel, and a tenth of a millisecond of silence. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='

const text = (value: string) => ({ type: 'text' as const, text: value })
const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' }
const said = (...content: CallToolResult['content']): CallToolResult => ({ content })
const user = (content: ReturnType<typeof text> | typeof image | { type: 'resource'; resource: never }) => ({
  role: 'user' as const,
  content,
})
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * The tools, resources and prompts that the official conformance suite expects of a server, beside our own: what it can
 * ask of a protocol only by way of things that no product has.
 */
export function withFixtures(server: McpServer): McpServer {
  tools(server)
  askingTools(server)
  resources(server)
  prompts(server)
  return server
}

function tools(server: McpServer): void {
  server.registerTool('test_simple_text', { description: 'Text' }, async () =>
    said(text('This is a simple text response for testing.')),
  )
  server.registerTool('test_image_content', { description: 'Image' }, async () => said(image))
  server.registerTool('test_audio_content', { description: 'Audio' }, async () =>
    said({ type: 'audio', data: WAV, mimeType: 'audio/wav' }),
  )
  const embedded = (uri: string, mimeType: string, value: string) => ({
    type: 'resource' as const,
    resource: { uri, mimeType, text: value },
  })
  server.registerTool('test_embedded_resource', { description: 'Resource' }, async () =>
    said(embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')),
  )
  server.registerTool('test_multiple_content_types', { description: 'Mixed' }, async () =>
    said(
      text('Multiple content types test:'),
      image,
      embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ),
  )
  server.registerTool('test_error_handling', { description: 'Fails' }, async () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  server.registerTool('test_tool_with_logging', { description: 'Logs' }, async (extra) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data } })
      await turn()
    }
    return said(text('Logged.'))
  })
  server.registerTool('test_tool_with_progress', { description: 'Reports' }, async ({ _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
      await turn()
    }
    return said(text('Done.'))
  })
  server.registerTool('test_reconnection', { description: 'Ends its stream before it answers' }, async (extra) => {
    await turn()
    extra.closeSSEStream?.()
    await turn()
    return said(text('Reconnection test completed successfully'))
  })
  server.registerTool('json_schema_2020_12_tool', { description: 'Has a schema of its own' }, async () =>
    said(text('Done.')),
  )
  listed(server)
}

/** A schema in words that the SDK's own schemas have not, as a server that is handed schemas would list it. */
function listed(server: McpServer): void {
  // biome-ignore lint/suspicious/noExplicitAny: the handlers of a server are not part of its public types.
  const handlers = (server.server as any)._requestHandlers as Map<string, (...given: unknown[]) => unknown>
  const own = handlers.get('tools/list')!
  server.server.setRequestHandler(ListToolsRequestSchema, async (request, extra) => {
    const answer = (await own(request, extra)) as ListToolsResult
    const tools = answer.tools.map((tool) =>
      tool.name === 'json_schema_2020_12_tool' ? { ...tool, inputSchema } : tool,
    )
    return { ...answer, tools }
  })
}

const inputSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
}

/** Tools that ask back in the middle of their work. */
function askingTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model of the client', inputSchema: { prompt: z.string() } },
    async ({ prompt }, { sendRequest }) => {
      const params = { messages: [user(text(prompt)) as never], maxTokens: 100 }
      const { content } = await sendRequest({ method: 'sampling/createMessage', params }, CreateMessageResultSchema)
      return said(text(`LLM response: ${'text' in content ? content.text : ''}`))
    },
  )
  const elicit = (name: string, requestedSchema: object, inputSchema: Record<string, z.ZodType>, asked: string) =>
    server.registerTool(name, { description: 'Asks the person', inputSchema }, async (given, { sendRequest }) => {
      const message = String((given as { message?: string }).message ?? asked)
      const { action, content } = await sendRequest(
        { method: 'elicitation/create', params: { message, requestedSchema: requestedSchema as never } },
        ElicitResultSchema,
      )
      return said(text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`))
    })
  elicit(
    'test_elicitation',
    {
      type: 'object',
      properties: {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      },
      required: ['username', 'email'],
    },
    { message: z.string() },
    '',
  )
  elicit('test_elicitation_sep1034_defaults', DEFAULTS, {}, 'With defaults')
  elicit('test_elicitation_sep1330_enums', ENUMS, {}, 'With choices')
}

const DEFAULTS = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
}

const titled = (name: string) =>
  ['First', 'Second', 'Third'].map((one, i) => ({ const: `value${i + 1}`, title: `${one} ${name}` }))
const ENUMS = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
}

function resources(server: McpServer): void {
  const one = (uri: URL, content: { mimeType: string; text: string } | { mimeType: string; blob: string }) => ({
    contents: [{ uri: uri.href, ...content }],
  })
  server.registerResource('text', 'test://static-text', { description: 'Text' }, async (uri) =>
    one(uri, { mimeType: 'text/plain', text: 'This is the content of the static text resource.' }),
  )
  server.registerResource('binary', 'test://static-binary', { description: 'Image' }, async (uri) =>
    one(uri, { mimeType: 'image/png', blob: PNG }),
  )
  server.registerResource('watched', 'test://watched-resource', { description: 'Changes' }, async (uri) =>
    one(uri, { mimeType: 'text/plain', text: 'Watched.' }),
  )
  server.registerResource(
    'data',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'By id' },
    async (uri, { id }) =>
      one(uri, {
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      }),
  )
  server.server.setRequestHandler(SubscribeRequestSchema, async () => ({}))
  server.server.setRequestHandler(UnsubscribeRequestSchema, async () => ({}))
}

function prompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'Simple' }, () => ({
    messages: [user(text('This is a simple prompt for testing.')) as never],
  }))
  const word = (description: string) => completable(z.string().describe(description), () => [])
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'With arguments', argsSchema: { arg1: word('First'), arg2: word('Second') } },
    ({ arg1, arg2 }) => ({
      messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)) as never],
    }),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource', argsSchema: { resourceUri: z.string() } },
    ({ resourceUri: uri }) => {
      const resource = { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' }
      return {
        messages: [
          user({ type: 'resource', resource: resource as never }) as never,
          user(text('Please process the embedded resource above.')) as never,
        ],
      }
    },
  )
  server.registerPrompt('test_prompt_with_image', { description: 'With an image' }, () => ({
    messages: [user(image) as never, user(text('Please analyze the image above.')) as never],
  }))
}
