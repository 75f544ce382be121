import { defineConfig } from 'vitest/config'

/** Two at a time everywhere: a laptop and the machine that checks changes both have two cores to spare. */
const maxWorkers = 2
const elsewhere = ['**/node_modules/**', '**/dist/**', '**/.tidemark/**']

export default defineConfig({
  test: {
    maxWorkers,
    passWithNoTests: true,
    projects: [
      {
        // Pure rules, data and the repository itself: nothing to keep apart, so files share their worker and start in no time.
        test: {
          name: 'rules',
          include: [
            'core/src/**/*.test.ts',
            'data/**/*.test.ts',
            'scripts/**/*.test.ts',
            'web/src/**/*.test.ts',
            '*.test.ts',
          ],
          exclude: elsewhere,
          pool: 'threads',
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        // Capabilities over real HTTP on a real database: a process per file, and patience for a cold database on a busy machine.
        test: {
          name: 'server',
          include: ['server/**/*.test.ts'],
          exclude: elsewhere,
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Journeys of a person: each file has a real server and a real browser of its own.
        test: {
          name: 'journeys',
          include: ['e2e/**/*.journey.ts'],
          exclude: elsewhere,
          pool: 'forks',
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
