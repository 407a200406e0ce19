import Foundation
import Testing

/// Reads the tree and fails on an import that points the wrong way. The arrows stand in
/// docs/architecture.md.
@Suite struct ImportRulesTests {
    static let allowed: [String: Set<String>] = [
        "SaleCore": [],
        "FlowControl": [],
        "SaleService": [
            "SaleCore", "FlowControl", "NIOCore", "Logging", "Metrics", "ServiceLifecycle", "DequeModule", "HeapModule", "Synchronization",
        ],
        "RedisStock": [
            "SaleService", "SaleCore", "FlowControl", "CHiredis", "NIOCore", "NIOPosix", "Logging", "DequeModule", "Synchronization",
        ],
        "PostgresLedger": ["SaleService", "SaleCore", "CLibpq", "Dispatch", "Glibc", "Logging", "Synchronization"],
        "HTTPFront": [
            "SaleService", "SaleCore", "FlowControl", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "HTTPTypes",
            "Hummingbird", "HummingbirdCore", "Logging", "Metrics", "CoreMetrics", "ServiceLifecycle",
            "FoundationEssentials", "Synchronization", "Glibc", "Yams",
        ],
        "Cryptography": ["CCrypto"],
        "Signatures": [
            "HTTPFront", "Cryptography", "SaleService", "SaleCore", "NIOCore", "Logging", "ServiceLifecycle", "Foundation", "FoundationEssentials",
            "FoundationNetworking", "Synchronization",
        ],
        "OperatorAPI": [
            "HTTPFront", "Cryptography", "SaleService", "SaleCore", "NIOCore", "HTTPTypes", "Hummingbird", "HummingbirdCore", "FoundationEssentials",
            "Synchronization",
        ],
        "Webhooks": ["SaleService", "SaleCore", "Cryptography", "Yams", "Foundation", "FoundationNetworking", "Synchronization"],
        "ServerAssembly": [
            "OperatorAPI", "HTTPFront", "Signatures", "Webhooks", "RedisStock", "PostgresLedger", "SaleService", "SaleCore", "FlowControl", "CBuild",
            "NIOCore", "NIOPosix",
            "Hummingbird", "Logging", "Metrics", "CoreMetrics", "ServiceLifecycle", "UnixSignals", "Foundation", "Glibc", "Synchronization",
        ],
        "PrivateServers": ["Dispatch", "Foundation", "Glibc", "Logging", "Synchronization"],
        "seckill": [
            "CFatalSignals", "ServerAssembly", "OperatorAPI", "PrivateServers", "SaleService", "SaleCore", "ArgumentParser", "Logging", "Yams",
            "Cryptography",
            "ServiceLifecycle", "UnixSignals", "Dispatch", "Foundation", "Glibc", "Synchronization",
        ],
    ]

    /// The load generator knows the service only by HTTP and its database.
    static let allowedLoadTests: [String: Set<String>] = [
        "LoadModel": ["SaleCore", "Histogram"],
        "LoadSupport": ["PrivateServers", "Foundation", "Glibc", "Dispatch"],
        "LoadClient": ["LoadModel", "NIOCore", "NIOPosix", "NIOHTTP1", "Glibc", "Synchronization"],
        "FaultSuite": [
            "LoadModel", "LoadClient", "LoadSupport", "PrivateServers", "Cryptography", "SaleCore", "NIOCore", "NIOPosix", "NIOHTTP1", "Foundation",
            "Glibc", "Synchronization", "Dispatch",
        ],
        "BenchModel": [],
        "Bench": [
            "BenchModel", "LoadModel", "LoadSupport", "PrivateServers", "NIOCore", "NIOPosix", "ArgumentParser", "Foundation", "Glibc", "Dispatch",
            "Synchronization",
        ],
        "DrillSuite": [
            "FaultSuite", "LoadModel", "LoadClient", "LoadSupport", "PrivateServers", "NIOHTTP1", "ArgumentParser", "Foundation", "Glibc",
            "Synchronization",
        ],
        "FaultDriver": ["FaultSuite", "LoadSupport", "ArgumentParser", "Foundation"],
        "LoadDriver": [
            "LoadModel", "LoadClient", "LoadSupport", "Cryptography", "SaleCore", "NIOCore", "NIOPosix", "NIOHTTP1", "ArgumentParser", "Histogram",
            "Foundation", "Glibc", "Synchronization", "Dispatch", "DequeModule",
        ],
    ]

    /// The worlds hold the service's own code and nothing that reaches a real server.
    static let allowedSimulation: [String: Set<String>] = [
        "Simulation": [
            "SaleService", "SaleCore", "NIOCore", "Logging", "ServiceLifecycle", "HeapModule", "DequeModule", "Dispatch", "Synchronization",
        ],
        "Simulate": ["Simulation", "ArgumentParser", "Glibc", "Synchronization"],
    ]

    /// What one request costs is counted without a socket and without a store.
    static let allowedProbe: Set<String> = [
        "AllocationCounter", "HTTPFront", "RedisStock", "PostgresLedger", "SaleService", "SaleCore", "NIOCore", "NIOEmbedded", "Logging",
        "ArgumentParser",
    ]

    @Test(arguments: allowed.keys.sorted())
    func aSourceTargetImportsOnlyWhatItsLayerAllows(target: String) throws {
        try check(target, in: "Sources", permitted: #require(Self.allowed[target]))
    }

    @Test(arguments: allowedLoadTests.keys.sorted())
    func theLoadGeneratorImportsNothingOfTheService(target: String) throws {
        try check(target, in: "LoadTests", permitted: #require(Self.allowedLoadTests[target]))
    }

    @Test(arguments: allowedSimulation.keys.sorted())
    func theSimulationReachesNoRealServer(target: String) throws {
        try check(target, in: "Tests", permitted: #require(Self.allowedSimulation[target]))
    }

    @Test func theProbeOpensNoSocket() throws {
        try check("CostProbe", in: "Tests", permitted: Self.allowedProbe)
    }

    @Test func everyTargetHasARule() throws {
        let targets = try FileManager.default.contentsOfDirectory(atPath: Tree.root.appending(path: "Sources").path)
        #expect(Set(targets).subtracting(["CBuild", "CCrypto", "CFatalSignals", "CHiredis", "CLibpq"]) == Set(Self.allowed.keys))
    }

    @Test func everyLoadTestTargetHasARule() throws {
        let targets = try FileManager.default.contentsOfDirectory(atPath: Tree.root.appending(path: "LoadTests").path)
        #expect(Set(targets).subtracting(["FaultClock", "rivals"]) == Set(Self.allowedLoadTests.keys))
    }

    @Test(arguments: [
        ("import Foundation", "Foundation"), ("package import NIOCore", "NIOCore"), ("@testable import HTTPFront", "HTTPFront"),
        ("import struct Foundation.Date", "Foundation"), ("@preconcurrency package import class NIO.Thing", "NIO"),
    ])
    func everyFormOfAnImportIsSeen(line: String, module: String) {
        #expect(Tree.importedModule(in: line[...]) == module)
    }

    private func check(_ target: String, in folder: String, permitted: Set<String>) throws {
        let files = try Tree.swiftFiles(in: "\(folder)/\(target)")
        #expect(!files.isEmpty)
        for file in files {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                guard let module = Tree.importedModule(in: line) else { continue }
                #expect(permitted.contains(module), "\(file.lastPathComponent) must not import \(module)")
            }
        }
    }
}
