import { defineConfig } from 'vitest/config'

/** Tests of the whole program: they start servers and processes, and each file has a process of its own. */
const WHOLE = ['test/{journeys,contracts,faces,properties}/**/*.test.ts', 'test/*.test.ts']

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    // Its package names its sources, which Node cannot run, under the condition that we have for our own.
    server: { deps: { inline: [/eventsource-parser/, /@modelcontextprotocol\/sdk\/.*client/] } },
    // Only what hangs is stopped: a machine that does other things as well may be ten times as slow.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    // The default leaves one processor idle, half of a machine with two.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'whole', include: WHOLE } },
      // Tests of the folders of the source share a process, and so what they import and have trained.
      { extends: true, test: { name: 'folders', include: ['test/**/*.test.ts'], exclude: WHOLE, isolate: false } },
    ],
  },
})
