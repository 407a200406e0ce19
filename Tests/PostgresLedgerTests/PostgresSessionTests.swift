import SaleService
import Testing

@testable import PostgresLedger

@Suite(.timeLimit(.minutes(1))) struct PostgresSessionTests {
    /// Port 1 of the loopback: nobody listens there.
    private let refused = "postgresql://shop:hush@127.0.0.1:1/sales"

    @Test func aRefusedConnectionIsUnavailableAndKeepsThePasswordToItself() async throws {
        let session = PostgresSession(address: try PostgresAddress(refused), profile: .orders)
        let error = await #expect(throws: JournalError.self) { try await session.run(.ping) }
        guard case .unavailable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("refused"))
        #expect(!reason.contains("hush"))
    }

    @Test func aPoolSurvivesRefusedConnections() async throws {
        let orders = PostgresOrders(address: try PostgresAddress(refused), sessionCount: 1)
        for _ in 1...3 { #expect(await orders.ping() != nil) }
    }

    @Test(arguments: ["53300", "57014", "57P01", "08006", "25006"])
    func aServerThatCannotTakeStatementsIsUnavailable(sqlState: String) {
        #expect(JournalError(sqlState: sqlState, reason: "r") == .unavailable(reason: "r"))
    }

    @Test(arguments: ["23514", "40P01", "42P01", "55P03"])
    func anyOtherErrorKeepsItsState(sqlState: String) {
        #expect(JournalError(sqlState: sqlState, reason: "r") == .failed(reason: "r", sqlState: sqlState))
    }
}
