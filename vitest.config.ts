import { defineConfig } from 'vitest/config'

/**
 * Tests that start no server, process or thread and change nothing global: their files share a process, and so what they
 * import and have trained. Every other file has a process of its own.
 */
const SHARED = [
  'test/{core,config,parsing,templates,features,ensemble,graph,detectors,schedule,reading,learning}/**/*.test.ts',
]

export default defineConfig({
  resolve: { conditions: ['oddline-source'] },
  ssr: { resolve: { conditions: ['oddline-source'] } },
  test: {
    // Only what hangs is stopped: a machine that does other things as well may be ten times as slow.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    // The default leaves one processor idle, half of a machine with two.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'shared', include: SHARED, isolate: false } },
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: SHARED } },
    ],
  },
})
