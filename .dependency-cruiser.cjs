// Who may use whom. ARCHITECTURE.md draws it; this file keeps it. `npm run check` runs it and refuses an empty cruise:
// with TypeScript 7 the tool finds no module at all and reports success, so it runs with TypeScript 6.

/** Folders of server/src and web/src that are not capabilities. */
const SERVER_GROUND = '(?:platform)'
const WEB_GROUND = '(?:ui|lib|app)'
const TEST = '\\.test\\.tsx?$'
/** The files of a capability that stand between the outside and its service. */
const SERVER_DOORS = '(?:http|jobs|cli)\\.ts$'
/** What several tests share: it starts the whole app, and only tests may use it. */
const TESTING = '^server/src/(?:platform/)?testing'

module.exports = {
  forbidden: [
    // --- The three worlds
    {
      name: 'core-uses-only-core-and-pure-libraries',
      comment:
        'core runs anywhere. It may use itself and libraries that are pure: zod, @noble, suncalc, fft.js, geographiclib-geodesic; whatever needs Node, a browser or I/O is handed in.',
      severity: 'error',
      from: { path: '^core/src/', pathNot: TEST },
      to: { pathNot: ['^core/src/', 'node_modules/(?:zod|@noble/[^/]+|suncalc|fft\\.js|geographiclib-geodesic)/'] },
    },
    {
      name: 'core-is-not-tested-through-the-other-worlds',
      comment: 'A test of core proves that core stands alone; put a test that needs the server beside the server.',
      severity: 'error',
      from: { path: '^core/src/.+' + TEST },
      to: { path: '^(?:server|web|e2e)/' },
    },
    {
      name: 'web-never-imports-server',
      comment: 'web and server meet in core only: move what both need into the contract.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^server/' },
    },
    {
      name: 'server-never-imports-web',
      comment: 'web and server meet in core only: the server knows the web as a folder of built files.',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^web/' },
    },
    {
      name: 'web-runs-in-a-browser',
      comment: 'Built-in modules of Node do not exist in a browser.',
      severity: 'error',
      from: { path: '^web/src/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },

    // --- Inside the server: http, jobs and cli -> service -> store -> platform
    {
      name: 'platform-knows-no-capability',
      comment: 'platform is the ground floor: a capability registers itself in app.ts, platform never reaches up.',
      severity: 'error',
      from: { path: '^server/src/platform/', pathNot: [TEST, TESTING] },
      to: { path: '^server/src/', pathNot: '^server/src/platform/' },
    },
    {
      name: 'a-capability-enters-another-by-its-service',
      comment: 'Call its service.ts: stores, routes and jobs are its own affair.',
      severity: 'error',
      from: { path: '^server/src/([^/]+)/', pathNot: [TEST, `^server/src/${SERVER_GROUND}/`] },
      to: {
        path: '^server/src/[^/]+/',
        pathNot: ['^server/src/$1/', `^server/src/${SERVER_GROUND}/`, '/service\\.ts$'],
      },
    },
    {
      name: 'doors-call-the-service',
      comment:
        'http.ts, jobs.ts and cli.ts are switchboards: what they need from the store, the service does for them.',
      severity: 'error',
      from: { path: `^server/src/[^/]+/${SERVER_DOORS}`, pathNot: `^server/src/${SERVER_GROUND}/` },
      to: { path: '^server/src/[^/]+/store\\.ts$' },
    },
    {
      name: 'commands-call-services',
      comment: 'The command line does what the services do; a store is behind its service.',
      severity: 'error',
      from: { path: '^server/src/cli(?:\\.ts$|/)' },
      to: { path: '^server/src/[^/]+/(?:store|http|jobs)\\.ts$' },
    },
    {
      name: 'a-store-looks-down-only',
      comment: 'store.ts holds SQL: it uses platform and core, never a service or a door.',
      severity: 'error',
      from: { path: '^server/src/[^/]+/store\\.ts$', pathNot: `^server/src/${SERVER_GROUND}/` },
      to: { path: '^server/src/', pathNot: [`^server/src/${SERVER_GROUND}/`, '^server/src/([^/]+)/[^/]+-rows?\\.ts$'] },
    },
    {
      name: 'a-service-does-not-know-its-doors',
      comment: 'service.ts is called by http.ts, jobs.ts and cli.ts, never the other way round.',
      severity: 'error',
      from: { path: '^server/src/[^/]+/service\\.ts$' },
      to: { path: `^server/src/[^/]+/${SERVER_DOORS}`, pathNot: `^server/src/${SERVER_GROUND}/` },
    },
    {
      name: 'only-the-top-knows-the-app',
      comment: 'app.ts lists the capabilities; main.ts, the command line and tests start it. Nothing below imports it.',
      severity: 'error',
      from: { path: '^server/src/[^/]+/', pathNot: [TEST, TESTING, '^server/src/cli/'] },
      to: { path: '^server/src/(?:app|main|cli)\\.ts$' },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'What starts a whole app for a test has no place in the product.',
      severity: 'error',
      from: { path: '^server/src/', pathNot: [TEST, TESTING] },
      to: { path: TESTING },
    },
    {
      name: 'database-drivers-stay-below',
      comment: 'Kysely, pg and PGlite are used by platform and stores; everyone else asks a store.',
      severity: 'error',
      from: {
        path: '^server/src/',
        pathNot: [TEST, `^server/src/${SERVER_GROUND}/`, '^server/src/testing-[a-z]+\\.ts$', '[/-]store\\.ts$'],
      },
      to: { path: 'node_modules/(?:kysely|pg|@electric-sql/pglite)/', dependencyTypesNot: ['type-only'] },
    },

    // --- Inside the web
    {
      name: 'web-capabilities-stay-home',
      comment:
        'A folder of web/src uses ui, lib and app; what two capabilities share belongs in one of those or in core.',
      severity: 'error',
      from: { path: '^web/src/([^/]+)/', pathNot: [TEST, `^web/src/${WEB_GROUND}/`, '^web/src/(?:sites|projects)/'] },
      to: { path: '^web/src/[^/]+/', pathNot: ['^web/src/$1/', `^web/src/${WEB_GROUND}/`] },
    },
    {
      name: 'sites-and-projects-stand-on-telemetry',
      comment:
        'As on the server: a page of a site shows devices and readings, one of a project cites them; nothing else of another capability.',
      severity: 'error',
      from: { path: '^web/src/(sites|projects)/', pathNot: TEST },
      to: { path: '^web/src/[^/]+/', pathNot: ['^web/src/(?:$1|telemetry)/', `^web/src/${WEB_GROUND}/`] },
    },
    {
      name: 'web-ground-knows-no-capability',
      comment: 'ui and lib are used by everyone and use nobody, their words aside; only app composes the capabilities.',
      severity: 'error',
      from: { path: '^web/src/(?:ui|lib)/', pathNot: TEST },
      to: { path: '^web/src/[^/]+/', pathNot: ['^web/src/(?:ui|lib)/', '/words\\.ts$'] },
    },

    // --- Everywhere
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-circles-between-capabilities',
      comment: 'If a needs b and b needs a, what they share is a capability of its own, or a fact to hand over.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(?:core|server)/src/[^/]+$' },
      to: { circular: true, path: '^(?:core|server)/src/[^/]+$' },
    },
    {
      name: 'declared-where-used',
      comment:
        'Name the package in the package.json of the world that imports it: hoisting makes others work by accident.',
      severity: 'error',
      from: { path: '^(?:core|server|web)/src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'npm-optional'] },
    },
    {
      name: 'everything-resolves',
      comment: 'The import leads nowhere: a misspelt path, or a package that is not installed.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'What two tests share is a helper file of its own.',
      severity: 'error',
      from: {},
      to: { path: TEST },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^web/dist/' },
    tsPreCompilationDeps: true,
    // Each world declares its own dependencies, so a package of the root is not a package of core.
    combinedDependencies: false,
    preserveSymlinks: false,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
}
