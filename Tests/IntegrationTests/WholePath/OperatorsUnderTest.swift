import Foundation
import Logging
import NIOHTTP1
import OperatorAPI
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// A service whose admin port knows three operators, `ada` (operator), `wall` (viewer) and `root`
/// (admin).
struct OperatorsUnderTest: Sendable {
    let service: ServiceUnderTest
    let stores: StoresUnderTest
    let tokens: [String: String]

    /// - Parameter name: whose token goes with it; `nil` for none.
    func send(
        _ method: HTTPMethod, _ path: String, as name: String? = "ada", headers: [(String, String)] = [], body: String? = nil
    ) async throws -> Answer {
        let credentials = name.map { [("Authorization", "Bearer \(tokens[$0] ?? $0)")] } ?? []
        return try await service.send(method, path, headers: credentials + headers, body: body, base: "http://\(service.admin)")
    }

    /// Rows of the audit trail, oldest first.
    func history(of sale: SaleID) async throws -> [String] {
        try await LedgerUnderTest(url: stores.databaseURL).lines(
            """
            SELECT concat_ws('|', actor, channel, command, reason, (request_id IS NOT NULL)::text)
            FROM operator_audit WHERE sale_id = '\(sale)' AND actor <> 'test' ORDER BY id
            """)
    }
}

func withOperators(
    _ overrides: [String: String] = [:], databaseURL: String? = nil, logger: Logger = .quiet,
    _ body: @Sendable (OperatorsUnderTest) async throws -> Void
) async throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let tokens = ["ada": OperatorToken(), "wall": OperatorToken(), "root": OperatorToken()]
    let roles = ["ada": "operator", "wall": "viewer", "root": "admin"]
    try tokens.map { "\($0) \(roles[$0] ?? "") \($1.digest)\n" }.joined().write(
        toFile: "\(directory.path)/operators", atomically: false, encoding: .utf8)
    try await withStores(databaseURL: databaseURL) { stores in
        let settings = ["SECKILL_OPERATORS_FILE": "\(directory.path)/operators"].merging(overrides) { $1 }
        try await withService(over: stores, settings, logger: logger) { service in
            try await body(OperatorsUnderTest(service: service, stores: stores, tokens: tokens.mapValues(\.text)))
        }
    }
}
