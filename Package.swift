// swift-tools-version: 6.2
import PackageDescription

let usual: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]
/// Whatever the compiler cannot check must say `unsafe`; the reason stands beside it.
let strict = usual + [.strictMemorySafety()]
/// Where bytes of the Internet are read and written in place: values that hold a span name what it
/// lives as long as.
let overBytes = strict + [.enableExperimentalFeature("Lifetimes")]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

/// SwiftPM keeps what it read of this file until the file or the environment changes: the scripts
/// give the commit, and where they do not it may be an earlier one of a working copy.
let commit = Context.environment["BUILD_COMMIT"] ?? Context.gitInformation?.currentCommit ?? "unknown"

let package = Package(
    name: "seckill",
    products: [
        .executable(name: "seckill", targets: ["seckill"]),
        .executable(name: "seckill-load", targets: ["LoadDriver"]),
        .executable(name: "seckill-faults", targets: ["FaultDriver"]),
        .executable(name: "seckill-drill", targets: ["DrillSuite"]),
        .executable(name: "seckill-bench", targets: ["Bench"]),
        .executable(name: "seckill-simulate", targets: ["Simulate"]),
        .executable(name: "seckill-cost", targets: ["CostProbe"]),
        // Preloaded into a node whose wall clock is to be wrong.
        .library(name: "FaultClock", type: .dynamic, targets: ["FaultClock"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", .upToNextMinor(from: "2.28.1"), traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-argument-parser.git", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/apple/swift-log.git", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-metrics.git", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/jpsim/Yams.git", .upToNextMinor(from: "6.2.2")),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", .upToNextMinor(from: "0.2.0")),
        .package(url: "https://github.com/apple/swift-collections.git", .upToNextMinor(from: "1.6.0")),
        .package(url: "https://github.com/apple/swift-nio-extras.git", .upToNextMinor(from: "1.35.2")),
        .package(url: "https://github.com/apple/swift-http-types.git", .upToNextMinor(from: "1.8.0")),
    ],
    targets: [
        .target(name: "SaleCore", swiftSettings: strict),
        .target(name: "FlowControl", swiftSettings: strict),
        .target(
            name: "SaleService",
            dependencies: ["SaleCore", "FlowControl", nio, logging, metrics, lifecycle, collections, heap],
            swiftSettings: strict),

        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // Comes with libpq-dev, as libcrypto comes into the process with libpq.
        .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Cryptography", dependencies: ["CCrypto"], swiftSettings: strict),
        .target(
            name: "RedisStock",
            dependencies: ["SaleService", "SaleCore", "FlowControl", "CHiredis", nio, nioPosix, logging, collections],
            resources: [.embedInCode("Lua")],
            swiftSettings: strict),
        .target(
            name: "PostgresLedger",
            dependencies: ["SaleService", "SaleCore", "CLibpq"],
            resources: [.embedInCode("schema.sql")],
            swiftSettings: strict),

        .target(
            name: "HTTPFront",
            dependencies: [
                "SaleService", "SaleCore", "FlowControl", nio, nioPosix, nioHTTP1, logging, metrics, coreMetrics, lifecycle,
                hummingbird, hummingbirdCore,
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"), yams,
            ],
            resources: [.embedInCode("OpenAPI/openapi.yaml"), .embedInCode("Storefront/Assets")],
            swiftSettings: overBytes),
        .target(
            name: "Signatures",
            dependencies: ["HTTPFront", "Cryptography", "SaleService", "SaleCore", nio, logging, lifecycle],
            swiftSettings: strict),
        .target(
            name: "Webhooks", dependencies: ["SaleService", "SaleCore", "Cryptography", yams], swiftSettings: strict),
        .target(
            name: "OperatorAPI",
            dependencies: [
                "HTTPFront", "Cryptography", "SaleService", "SaleCore", nio, hummingbird, hummingbirdCore,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            resources: [.embedInCode("OpenAPI/openapi-admin.yaml"), .embedInCode("Console")],
            swiftSettings: strict),
        .target(
            name: "ServerAssembly",
            dependencies: [
                "OperatorAPI", "HTTPFront", "Signatures", "Webhooks", "RedisStock", "PostgresLedger", "SaleService", "SaleCore", "FlowControl",
                "CBuild",
                nio, nioPosix, logging, metrics, coreMetrics, lifecycle, hummingbird,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        // The commit is its own: whatever else is built stays as it is when only that changes.
        .target(name: "CBuild", cSettings: [.define("SECKILL_COMMIT", to: "\"\(commit)\"")]),
        .target(name: "PrivateServers", swiftSettings: strict),
        .target(name: "CFatalSignals"),
        .executableTarget(
            name: "seckill",
            dependencies: [
                "CFatalSignals", "ServerAssembly", "OperatorAPI", "PrivateServers", "Cryptography", "SaleService", "SaleCore", arguments, logging,
                yams,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        .target(
            name: "LoadModel", dependencies: ["SaleCore", histogram], path: "LoadTests/LoadModel", resources: [.embedInCode("Page/Assets")],
            swiftSettings: strict),
        .executableTarget(
            name: "LoadDriver",
            dependencies: ["LoadModel", "LoadClient", "LoadSupport", "Cryptography", "SaleCore", nio, nioPosix, nioHTTP1, collections, arguments],
            path: "LoadTests/LoadDriver",
            swiftSettings: strict),
        .target(name: "LoadSupport", dependencies: ["PrivateServers"], path: "LoadTests/LoadSupport", swiftSettings: strict),
        .target(name: "LoadClient", dependencies: ["LoadModel", nio, nioPosix, nioHTTP1], path: "LoadTests/LoadClient", swiftSettings: strict),
        .target(
            name: "FaultSuite",
            dependencies: ["LoadModel", "LoadClient", "LoadSupport", "PrivateServers", "Cryptography", "SaleCore", nio, nioPosix, nioHTTP1],
            path: "LoadTests/FaultSuite",
            swiftSettings: strict),
        .target(name: "FaultClock", path: "LoadTests/FaultClock"),
        .executableTarget(
            name: "FaultDriver", dependencies: ["FaultSuite", "LoadSupport", arguments], path: "LoadTests/FaultDriver", swiftSettings: strict),
        .executableTarget(
            name: "DrillSuite", dependencies: ["FaultSuite", "LoadModel", "LoadClient", "LoadSupport", "PrivateServers", nioHTTP1, arguments],
            path: "LoadTests/DrillSuite", swiftSettings: strict),
        .target(name: "BenchModel", path: "LoadTests/BenchModel", swiftSettings: strict),
        // It runs the built `seckill` and `seckill-load`.
        .executableTarget(
            name: "Bench", dependencies: ["BenchModel", "LoadModel", "LoadSupport", "PrivateServers", nio, nioPosix, arguments],
            path: "LoadTests/Bench",
            swiftSettings: strict),

        .target(
            name: "Simulation", dependencies: ["SaleService", "SaleCore", nio, logging, lifecycle, heap, collections], path: "Tests/Simulation",
            swiftSettings: strict),
        .executableTarget(name: "Simulate", dependencies: ["Simulation", arguments], path: "Tests/Simulate", swiftSettings: strict),

        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .executableTarget(
            name: "CostProbe",
            dependencies: [
                "AllocationCounter", "HTTPFront", "RedisStock", "PostgresLedger", "SaleService", "SaleCore", nio, nioEmbedded, logging, arguments,
            ],
            path: "Tests/CostProbe", swiftSettings: strict),

        .testTarget(name: "DeploymentTests", swiftSettings: strict),
        .testTarget(name: "SaleCoreTests", dependencies: ["SaleCore"], swiftSettings: strict),
        .testTarget(name: "FlowControlTests", dependencies: ["FlowControl"], swiftSettings: strict),
        .testTarget(
            name: "SaleServiceTests", dependencies: ["SaleService", "SaleCore", "Simulation", nio, lifecycle, logging], swiftSettings: strict),
        .testTarget(name: "RedisStockTests", dependencies: ["RedisStock", "SaleService", "SaleCore", nio, nioEmbedded], swiftSettings: strict),
        .testTarget(name: "PostgresLedgerTests", dependencies: ["PostgresLedger", "SaleService", "SaleCore"], swiftSettings: strict),
        .testTarget(
            name: "HTTPFrontTests",
            dependencies: [
                "HTTPFront", "Signatures", "Cryptography", "LoadClient", "RedisStock", "PostgresLedger", "SaleService", "SaleCore", nio, nioPosix,
                nioEmbedded, nioHTTP1, hummingbird, hummingbirdCore, lifecycle, logging, metrics, coreMetrics,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: usual),
        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography", "CCrypto"], swiftSettings: strict),
        .testTarget(
            name: "SignaturesTests",
            dependencies: [
                "Signatures", "Cryptography", "CCrypto", "HTTPFront", "SaleService", "SaleCore", nio, nioPosix, nioHTTP1, lifecycle, logging,
            ],
            // Read where they lie: see `ForeignTokenTests`.
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "WebhooksTests", dependencies: ["Webhooks", "Cryptography", "CCrypto", "SaleService", "SaleCore", nio, nioPosix, nioHTTP1],
            swiftSettings: strict),
        .testTarget(
            name: "OperatorAPITests",
            dependencies: [
                "OperatorAPI", "HTTPFront", "SaleService", "SaleCore", "Simulation", nio, nioEmbedded, hummingbird, hummingbirdCore, logging, metrics,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: usual),
        .testTarget(name: "ServerAssemblyTests", dependencies: ["ServerAssembly", "SaleCore", logging], swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests", dependencies: ["seckill", "ServerAssembly", "SaleService", "SaleCore", logging, arguments],
            swiftSettings: strict),
        .testTarget(name: "BenchTests", dependencies: ["BenchModel"], swiftSettings: strict),
        .testTarget(name: "LoadSupportTests", dependencies: ["LoadSupport", "PrivateServers"], swiftSettings: strict),
        .testTarget(name: "LoadModelTests", dependencies: ["LoadModel", "SaleCore"], swiftSettings: strict),
        // Its scenarios run the built `seckill`, which must therefore be there.
        .testTarget(
            name: "LoadDriverTests",
            dependencies: [
                "LoadDriver", "LoadModel", "LoadClient", "LoadSupport", "PrivateServers", "Cryptography", "SaleCore", "seckill", nio, nioPosix,
                nioHTTP1,
            ],
            swiftSettings: strict),
        // Its scenarios run the built `seckill`, which must therefore be there.
        .testTarget(
            name: "FaultSuiteTests", dependencies: ["FaultSuite", "LoadModel", "LoadSupport", "SaleCore", "seckill", nio, nioPosix],
            swiftSettings: strict),
        // They run the built `seckill-simulate`.
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "Simulate", "SaleService", "SaleCore"], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        // They run the built `seckill`, and steer a Chromium.
        .testTarget(
            name: "BrowserTests", dependencies: ["LoadClient", "LoadSupport", "PrivateServers", "SaleCore", "seckill", nioHTTP1],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "ServerAssembly", "OperatorAPI", "HTTPFront", "RedisStock", "PostgresLedger", "PrivateServers", "LoadClient", "Cryptography",
                "CCrypto",
                "SaleService",
                "SaleCore",
                "Simulation", "seckill", nio, nioPosix, nioHTTP1, logging, lifecycle,
            ],
            resources: [.embedInCode("Postgres/schema-01e65f4.sql"), .embedInCode("Postgres/schema-0df4317.sql")],
            swiftSettings: usual),
    ]
)
