import Glibc
import PostgresLedger
import PrivateServers
import SaleCore
import SaleService
import Testing

/// Postgres dies, hangs or is in somebody else's hands in the middle of a commit.
@Suite(.timeLimit(.minutes(3))) struct JournalFaultTests {
    private let commits = """
        FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock' AND query ~ '^(WITH turn|UPDATE stock)'
        """
    private var waiting: String { "SELECT EXISTS (SELECT \(commits))" }

    /// Runs `body` with the item's row locked by another session, so that a commit reaches the
    /// server and stays there.
    private func withLockedStock(_ ledger: LedgerUnderTest, _ body: (PostgresSession) async throws -> Void) async throws {
        let holder = PostgresSession(address: ledger.address, profile: .catalog)
        try await holder.script("BEGIN; SELECT 1 FROM stock FOR UPDATE")
        try await body(holder)
    }

    @Test func aServerThatIsKilledDuringACommitLeavesTheOutcomeUnknownAndARetryTellsIt() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let server = try await PrivatePostgres.start(directory: directory.path, isDurable: false)
        let ledger = try LedgerUnderTest(url: server.url)
        try await ledger.load(stock: [9])
        let journal = ledger.journal()
        let first = try await journal.commit([reservation(1)])
        try await withLockedStock(ledger) { _ in
            async let lost = outcome { () async throws(JournalError) in try await journal.commit([reservation(1), reservation(2)]) }
            try await ledger.wait(until: waiting)
            await server.kill()
            guard case .failure(.outcomeUnknown) = await lost else {
                Issue.record("\(await lost)")
                return
            }
        }
        // Nobody is there: this one was never sent.
        let refused = await outcome { () async throws(JournalError) in try await journal.commit([reservation(3)]) }
        guard case .failure(.unavailable) = refused else {
            Issue.record("\(refused)")
            return
        }
        let again = try await PrivatePostgres.start(directory: directory.path, port: server.port, isDurable: false)
        let retried = try await journal.commit([reservation(1), reservation(2)])
        #expect(retried[0] == first[0])
        #expect(retried.committedCount == 2)
        #expect(try await ledger.committed() == [2])
        await again.kill()
    }

    @Test func aConnectionThatWasCutWhileIdleIsReplacedUnnoticed() async throws {
        try await withLedger(stock: 9) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1)])
            try await ledger.session.script(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            #expect(try await journal.commit([reservation(2)]).committedCount == 1)
        }
    }

    @Test func aStatementThatWaitsTooLongIsUnavailableAndWroteNothing() async throws {
        try await withLedger(stock: 9) { ledger in
            let impatient = ledger.journal(SessionProfile(statementMilliseconds: 200, replyMilliseconds: 30_000, planCache: .generic))
            try await withLockedStock(ledger) { holder in
                let error = await #expect(throws: JournalError.self) { try await impatient.commit([reservation(1)]) }
                guard case .unavailable = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                try await holder.script("ROLLBACK")
            }
            #expect(try await ledger.committed() == [0])
            #expect(try await impatient.commit([reservation(1)]).committedCount == 1)
        }
    }

    /// The server process is there and its socket is open, but it does not answer.
    @Test func aServerThatHangsLeavesTheOutcomeUnknown() async throws {
        try await withLedger(stock: 9) { ledger in
            let journal = ledger.journal(SessionProfile(statementMilliseconds: 0, replyMilliseconds: 1_500, planCache: .generic))
            try await withLockedStock(ledger) { holder in
                async let hung = outcome { () async throws(JournalError) in try await journal.commit([reservation(1)]) }
                try await ledger.wait(until: waiting)
                let pid = try await ledger.number("SELECT pid \(commits)")
                #expect(kill(pid_t(pid), SIGSTOP) == 0)
                try await holder.script("ROLLBACK")
                guard case .failure(.outcomeUnknown) = await hung else {
                    Issue.record("\(await hung)")
                    return
                }
                #expect(kill(pid_t(pid), SIGCONT) == 0)
            }
            #expect(try await journal.commit([reservation(1)]).committedCount == 1)
            #expect(try await ledger.committed() == [1])
        }
    }

    @Test func noErrorQuotesThePasswordOrABuyer() async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url.replacing("@", with: "x@"))
            let error = await #expect(throws: JournalError.self) { try await ledger.catalog.migrate() }
            let password = try #require(url.split(separator: ":").dropFirst(2).first?.split(separator: "@").first)
            #expect(!String(describing: error).contains(password))
        }
    }
}

/// What `body` came to, as a value that a test can match.
private func outcome<Success: Sendable>(_ body: () async throws(JournalError) -> Success) async -> Result<Success, JournalError> {
    do {
        return .success(try await body())
    } catch {
        return .failure(error)
    }
}
