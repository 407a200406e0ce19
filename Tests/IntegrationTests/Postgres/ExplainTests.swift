import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// What runs per purchase, per page or per sweep reads `orders` by an index. Plans are those that the sessions use: generic for hot statements.
@Suite(.timeLimit(.minutes(3))) struct ExplainTests {
    /// With the index that each must use; a statement that only inserts reads `orders` by none.
    private static let generic: [(Statement, String?)] = [
        (.findOrders, "orders_pkey"), (.orderByID, "orders_pkey"), (.ordersOfUser, "orders_of_user"), (.readHoldings, "orders_of_user"),
        (.readKeys, "orders_idempotency_key"), (.recordedOrders, "orders_pkey"), (.commitNewOrders, nil),
        (.commitOrders, nil),
        (.recordRejected, nil),
    ]

    @Test func hotStatementsReadOrdersByAnIndex() async throws {
        try await withLedger(stock: 100_000) { ledger in
            let journal = ledger.journal()
            for batch in 0..<20 {
                _ = try await journal.commit((batch * 1_000..<(batch + 1) * 1_000).map { reservation($0, key: $0 % 2 == 0 ? "k-\($0)" : nil) })
            }
            try await ledger.session.script("ANALYZE; SET plan_cache_mode = force_generic_plan")
            for (statement, index) in Self.generic {
                let plan = try await plan(of: statement, ledger)
                #expect(!plan.contains("Seq Scan on orders"), "\(statement.name)\n\(plan)")
                if let index { #expect(plan.contains(index), "\(statement.name)\n\(plan)") }
            }
        }
    }

    /// A generic plan is kept: one that was made before the first order must do for the millionth, until statistics come.
    @Test(arguments: [SessionProfile.journal, .reader])
    func aPlanMadeWhileThereAreNoOrdersReadsThemByAnIndexToo(profile: SessionProfile) async throws {
        try await withLedger(stock: 1) { ledger in
            let early = LedgerUnderTest(address: ledger.address, profile: profile)
            for (statement, index) in Self.generic {
                let plan = try await plan(of: statement, early)
                #expect(!plan.contains("Seq Scan on orders"), "\(statement.name)\n\(plan)")
                if let index { #expect(plan.contains(index), "\(statement.name)\n\(plan)") }
            }
        }
    }

    @Test func anOperatorsListOfOneUserReadsThatUsersOrders() async throws {
        try await withLedger(stock: 100_000) { ledger in
            let journal = ledger.journal()
            for batch in 0..<10 { _ = try await journal.commit(reservations(batch * 1_000..<(batch + 1) * 1_000)) }
            try await ledger.session.script("ANALYZE")
            let statement = Statement.ordersOfSale
            try await ledger.session.script("PREPARE \(statement.name) AS \(statement.sql)")
            let plan = try await ledger.lines(
                "EXPLAIN EXECUTE \(statement.name) ('demo', 'user-7', NULL, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 20)"
            ).joined(separator: "\n")
            #expect(plan.contains("orders_of_user"), "\(plan)")
        }
    }

    private func plan(of statement: Statement, _ ledger: LedgerUnderTest) async throws -> String {
        try await ledger.session.script("PREPARE \(statement.name) AS \(statement.sql)")
        let count = (1...10).last { statement.sql.contains("$\($0)") } ?? 0
        let arguments = Array(repeating: "NULL", count: count).joined(separator: ", ")
        return try await ledger.lines("EXPLAIN EXECUTE \(statement.name) (\(arguments))").joined(separator: "\n")
    }
}
